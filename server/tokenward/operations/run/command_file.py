"""A template that is filled, for the life of a command or as a file that only its owner can read.

Each value is written as the text's syntax requires. A file is written only where Git would not commit it.
"""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.errors import GitFailed, RewriteRefused, TokenwardError
from tokenward.model import Reference, Secret, Span, references_in
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.context import Context
from tokenward.operations.files.passing_file import PassingFile
from tokenward.operations.files.workplace import PRIVATE, sync_folder, workplace
from tokenward.operations.files.writes_under_way import already_there
from tokenward.operations.use import Use
from tokenward.places import Places, make_private_folder, shown
from tokenward.rewriting.edits import Edit, apply_edits
from tokenward.rewriting.languages import LanguageKind, language_of
from tokenward.rewriting.literal import ParsedText
from tokenward.safe_files import CREATE_FLAGS, is_own, write_all
from tokenward.sources.git.repository import open_repository
from tokenward.vault.private_file import require_own_folder

_GIT_FOLDER = ".git"


def fill_template(context: Context, folder: Path, paths: Sequence[Path], text: str, use: Use) -> Secret:
    """Return a template with every reference in it resolved; each distinct one is resolved once.

    The names of the template and of the filled file say what syntax the text has.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    values = resolve_all(context, folder, dict.fromkeys(one for _, one in references_in(text)), use)
    return filled_with(paths, text, values)


def filled_with(paths: Sequence[Path], text: str, values: Mapping[Reference, Secret]) -> Secret:
    """Return a template with values in place of their references; other references stay.

    Without paths, values are written as they are, whatever the syntax.
    """
    places = [(span, reference) for span, reference in references_in(text) if reference in values]
    parsed = _parsed(paths, text) if places and paths else None
    edits = [
        Edit(span, _written(parsed, span, reference, values[reference].reveal()))
        for span, reference in places
    ]
    return Secret(apply_edits(text, edits))


def _parsed(paths: Sequence[Path], text: str) -> ParsedText | None:
    # A template may be called key.json.template, where only the rest of its name says what it is.
    for name in (*paths, *(path.with_suffix("") for path in paths)):
        language = language_of(str(name), None, text)
        if language is not None and language.kind is LanguageKind.DATA:
            with suppress(RewriteRefused):
                return language.read(text)
    return None


def _written(parsed: ParsedText | None, span: Span, reference: Reference, value: str) -> str:
    """Return a value as a reader of the syntax gets it; as it is where the syntax does not say how to write it."""
    try:
        literal = parsed.literal(span, reference) if parsed else None
    except RewriteRefused:
        literal = None
    if literal is None or parsed is None:
        return value
    # With escapes first: without them, a quote in the value would end the literal.
    for spelling in reversed(literal.form.spellings(parsed.text)):
        written = spelling.written(value)
        with suppress(RewriteRefused):
            if literal.form.read(written)[0] == value:
                return written
    return value


def require_fit(target: Path, source: Path) -> None:
    """Raise unless a file may be written to this path.

    Raises:
        TokenwardError: the path names something other than a regular file, or the template.
    """
    try:
        status = target.lstat()
    except FileNotFoundError:
        return
    except OSError as error:
        raise TokenwardError(
            f"{shown(target)} cannot be reached ({error.strerror}); name another file."
        ) from None
    if not stat.S_ISREG(status.st_mode):
        raise TokenwardError(f"{shown(target)} is a link, a folder or a device; name a file.")
    if target.samefile(source):
        raise TokenwardError(f"{shown(target)} is the template itself; name another file.")


def require_uncommitted(target: Path, git: str | None, environment: Mapping[str, str]) -> None:
    """Raise if Git would commit the file: it is in a repository, and tracked or not ignored.

    Raises:
        TokenwardError: Git would commit it, or cannot be asked.
    """
    require_outside_git(target)
    folder = target.parent.resolve()
    if not any(os.path.lexists(around / _GIT_FOLDER) for around in (folder, *folder.parents)):
        return
    if git is None:
        raise TokenwardError(
            f"{shown(target)} is in a repository, and Git is not installed to tell whether it would commit it; "
            "name a file outside."
        )
    if _would_commit(folder / target.name, git, environment):
        raise TokenwardError(
            f"Git would commit {shown(target)}; have Git ignore it first, or name another file."
        )


def require_outside_git(target: Path) -> None:
    """Refuse a file in Git's own folder, which git may run.

    Raises:
        TokenwardError: it is in there.
    """
    if _GIT_FOLDER in map(str.casefold, (*target.parent.resolve().parts, target.name)):
        raise TokenwardError(f"{shown(target)} is in Git's own folder; name another file.")


def _would_commit(target: Path, git: str, environment: Mapping[str, str]) -> bool:
    # A hook's variables are about another repository; the user's configuration counts.
    own = {
        name: value
        for name, value in environment.items()
        if not name.startswith("GIT_") or name.startswith("GIT_CONFIG")
    }
    start = next(folder for folder in target.parents if folder.is_dir())
    try:
        repository = open_repository(git, start, own)
    except GitFailed as failure:
        raise TokenwardError(
            f"Git cannot tell whether it would commit {shown(target)}, so name a file elsewhere: {failure}"
        ) from None
    inner = repository.relative_path(target)
    if inner is None:
        return False
    is_tracked = repository.run("ls-files", "--error-unmatch", "--", inner, may_fail=True) is not None
    return is_tracked or not repository.ignores(inner)


def write_private(target: Path, content: bytes) -> None:
    """Write or replace a file so that a crash leaves the old or the new content, and nothing that Git sees.

    Raises:
        TokenwardError: it cannot be written.
    """
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own_folder(target.parent)
        with workplace(target.parent, mode=PRIVATE) as place:
            write_all(os.open(place.content, CREATE_FLAGS, 0o600), content)
            sync_folder(place.folder)
            place.content.replace(target)
            sync_folder(target.parent)
    except OSError as error:
        raise TokenwardError(
            f"{shown(target)} cannot be written ({error.strerror}); check its folder."
        ) from None


@dataclass(frozen=True, slots=True)
class CommandFile:
    """A file that a command needs.

    Attributes:
        template: the path of the file with references.
        workspace: the folder of its workspace, to which the references belong.
        path: where the command finds the filled file.
        variable: the name by which the command gets the path; empty if it expects the file there.
        folder: the private folder to create for the file, if any.
        references: those to fill, each once.
        is_content: the variable gets the filled text, and no file is created.
        is_folder: the variable gets the folder instead.
        others: more files in that folder, which the program reads beside this one.
        tree: the folder that the command names, if the files are a copy of one.
        is_literal: its program takes each value as it is, without quotes or escapes.
    """

    template: Path
    text: str = field(repr=False)
    workspace: Path
    path: Path
    variable: str = ""
    folder: Path | None = None
    references: tuple[Reference, ...] = ()
    is_content: bool = False
    is_folder: bool = False
    others: tuple[CommandFile, ...] = ()
    tree: Path | None = None
    is_literal: bool = False

    @property
    def place(self) -> Path:
        """Return the path by which the command names it."""
        return self.tree or self.path

    def filled(self, values: Mapping[Reference, Secret]) -> PassingFile:
        """Return the file to create."""
        return PassingFile(
            self.path,
            self.content(values),
            [values[one] for one in self.references],
            self.folder,
            [(one.path, one.content(values)) for one in self.others],
        )

    def content(self, values: Mapping[Reference, Secret]) -> Secret:
        """Return the text with the values of its references."""
        known = {one: values[one] for one in self.references}
        return filled_with(() if self.is_literal else (self.template, self.path), self.text, known)


def references_of(text: str) -> tuple[Reference, ...]:
    """Return the references in a text, each once."""
    return tuple(dict.fromkeys(reference for _, reference in references_in(text)))


def require_free(place: Path) -> None:
    """Raise unless a file with values may be created at a path.

    Raises:
        TokenwardError: something is there, or another user could exchange the file.
    """
    folder = place.parent
    try:
        status = folder.lstat()
    except OSError as error:
        raise TokenwardError(
            f"The folder {shown(folder)} cannot be reached ({error.strerror}); create it, or name another place."
        ) from None
    if not stat.S_ISDIR(status.st_mode) or not is_own(status):
        raise TokenwardError(
            f"{shown(folder)} is a link, no folder, or another user's; name a place in a folder of yours."
        )
    require_own_folder(folder)
    require_outside_git(place)
    if os.path.lexists(place):
        raise TokenwardError(already_there(place))


def private_path(places: Places, name: str) -> Path:
    """Return a path in a folder that is yet to be created, where the system removes it with the session if it can.

    Raises:
        TokenwardError: there is no place for it.
    """
    runtime = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    base = runtime if _is_private(runtime) else places.files
    try:
        make_private_folder(base)
    except OSError as error:
        raise TokenwardError(
            f"{shown(base)} cannot be created ({error.strerror}); make its folder writable for you."
        ) from None
    return base / f"tokenward-{secrets.token_hex(8)}" / name


def _is_private(folder: Path) -> bool:
    if sys.platform == "win32" or not folder.is_absolute():
        return False
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and is_own(status) and not status.st_mode & 0o077
