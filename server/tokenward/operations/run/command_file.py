"""CommandFile: a template that is filled for the life of a command, and where the command finds it."""

from __future__ import annotations

import os
import secrets
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.model import Reference, Secret, references_in
from tokenward.operations.files.passing_file import PassingFile
from tokenward.operations.files.writes_under_way import already_there
from tokenward.operations.run.fill_template import filled_with
from tokenward.operations.run.inject_target import require_outside_git
from tokenward.places import Places, make_private_folder, shown
from tokenward.safe_files import is_own
from tokenward.vault.private_file import require_own_folder


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
