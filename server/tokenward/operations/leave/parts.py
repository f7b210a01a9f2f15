"""PARTS: what a leave removes, in order; each row finds what there is of one kind, and how it is removed."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tokenward.catalog.home_files import home_files
from tokenward.custody.callers.callers import caller
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import EditRefused, TokenwardError
from tokenward.model import Reference, Span
from tokenward.operations.agents_protection.protect import take_back
from tokenward.operations.agents_protection.record import ProtectionRecord
from tokenward.operations.credentials.git_helper import is_registered, unregister
from tokenward.operations.files.editor import FileEdit
from tokenward.operations.leave.leaving import Leaving
from tokenward.operations.leave.survey import STARTS_TOKENWARD
from tokenward.operations.recording import note
from tokenward.places import Places, by_home
from tokenward.rewriting.edits import Edit

HOOK = "#!/bin/sh\nexec tokenward scan --staged\n"
"""The hook of Git that the documentation gives."""
_COMPLETIONS = (
    ".bash_completions/tokenward.sh",
    ".zfunc/_tokenward",
    ".config/fish/completions/tokenward.fish",
)
_COMPLETES = "_TOKENWARD_COMPLETE"


@dataclass(frozen=True, slots=True)
class Removal:
    """One thing to remove.

    Attributes:
        remove: removes it; raises TokenwardError if it stays.
    """

    name: str
    remove: Callable[[], None]
    reference: Reference | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of thing that a leave removes.

    Attributes:
        noun: for one of them.
        find: yields what there is; before the values are back, what there will be to remove.
        is_last: it serves every workspace, so it goes once none is left.
    """

    noun: str
    find: Callable[[Leaving], Iterator[Removal]]
    is_last: bool = False


def _git_helpers(leaving: Leaving) -> Iterator[Removal]:
    """Yield the URLs for which git asks only Tokenward, and which no token that stays answers for."""
    removable, credentials = {*leaving.removable()}, leaving.context.credentials
    records = [record for name in leaving.workspace.names for record in credentials.in_workspace(name)]
    for address in dict.fromkeys(record.address for record in records):
        answering = {record.reference for record in credentials.matching(address)}
        if answering <= removable and is_registered(str(address)):
            yield Removal(str(address), partial(unregister, str(address)))


def _tokens(leaving: Leaving) -> Iterator[Removal]:
    for reference in leaving.removable():
        yield Removal(str(reference), partial(leaving.remove_token, reference), reference)


def _leases(leaving: Leaving) -> Iterator[Removal]:
    """Yield the leases without a token; those of tokens go with them."""
    stored, leases = leaving.stored(), leaving.context.leases
    for reference in leases.all():
        if reference.workspace in leaving.workspace.names and reference not in stored:
            yield Removal(str(reference), partial(leases.forget, reference))


def _bindings(leaving: Leaving) -> Iterator[Removal]:
    """Yield the names of the workspace that no longer lead to a stored token."""
    staying = {reference.workspace for reference in leaving.stored() - {*leaving.removable()}}
    bindings = leaving.context.bindings
    for name in leaving.workspace.names:
        folder = bindings.folder_of(name)
        if name not in staying and folder is not None:
            yield Removal(name, partial(_unbind, leaving, name, folder))


def _unbind(leaving: Leaving, name: str, folder: Path) -> None:
    if leaving.context.bindings.unbind(name):
        detail = {"workspace": name, **caller(os.getpid()).to_json()}
        note(
            leaving.context,
            f"the unbinding of {name}",
            NewRecord(Event.UNBOUND, origin=str(folder), detail=detail),
        )


def _git_hooks(leaving: Leaving) -> Iterator[Removal]:
    for root in leaving.workspace.roots:
        yield from _file(leaving, root / ".git" / "hooks" / "pre-commit", lambda text: text == HOOK)


def _guards(leaving: Leaving) -> Iterator[Removal]:
    """Yield the settings of AI agents whose hooks start Tokenward, as `agents undo` takes them back."""
    places = Places.of_user()
    for name in reversed(ProtectionRecord.read(places).files):
        yield Removal(by_home(Path(name)), partial(_unguard, leaving, places, Path(name)))


def _unguard(leaving: Leaving, places: Places, path: Path) -> None:
    with ProtectionRecord.locked(places) as record:
        for outcome in take_back(record, leaving.editor, [path]):
            if outcome.reason:
                raise EditRefused("{path}: {reason}", path=by_home(path), reason=outcome.reason)


def _completions(leaving: Leaving) -> Iterator[Removal]:
    """Yield what `tokenward --install-completion` wrote, first the line by which bash reads the file."""
    yield from _completion_line(leaving, Path.home() / ".bashrc")
    for name in _COMPLETIONS:
        yield from _file(leaving, Path.home() / name, lambda text: _COMPLETES in text)


def _completion_line(leaving: Leaving, path: Path) -> Iterator[Removal]:
    try:
        source = leaving.editor.read(path)
    except EditRefused:
        return
    script = re.escape(str(Path.home() / _COMPLETIONS[0]))
    line = re.search(rf"(?m)(?:^\n)?^source '{script}'$\n?", source.text) if source else None
    if source and line:
        file = FileEdit(source, (Edit(Span(*line.span()), ""),))
        yield Removal(f"in {by_home(path)}", partial(leaving.editor.apply, (file,), "Remove the completion"))


def _file(leaving: Leaving, path: Path, is_ours: Callable[[str], bool]) -> Iterator[Removal]:
    """Yield a file that Tokenward wrote, or that its documentation gives, unless it was changed."""
    try:
        source = None if path.is_symlink() else leaving.editor.read(path)
    except EditRefused:
        return
    if source is not None and is_ours(source.text):
        yield Removal(by_home(path), partial(leaving.editor.remove, source))


PARTS = (
    # First, because the records of the addresses go with their tokens.
    Part("Git credential helper", _git_helpers),
    Part("stored token", _tokens),
    Part("lease", _leases),
    Part("Git hook", _git_hooks),
    Part("workspace name", _bindings),
    Part("agent protection", _guards, is_last=True),
    Part("shell completion", _completions, is_last=True),
)


STARTUP_FILES = (
    ".bashrc", ".bash_profile", ".profile", ".zshrc", ".zprofile", ".config/fish/config.fish", ".gitconfig", ".npmrc",
)  # fmt: skip
"""Files of the home folder in which a user may have had programs start `tokenward`, besides those of its helpers."""


def lines_naming_tokenward(leaving: Leaving) -> Iterator[tuple[Path, int]]:
    """Yield the files and lines, from 1, that may still start `tokenward`; they are the user's own, so they stay."""
    helped = [one.path for one in home_files() if one.helpers and one.path]
    paths = [*leaving.survey.naming, *(Path.home() / name for name in (*STARTUP_FILES, *helped))]
    paths += [
        path for root in leaving.workspace.roots for path in sorted((root / ".git" / "hooks").glob("*"))
    ]
    for path in dict.fromkeys(paths):
        with suppress(TokenwardError):
            source = leaving.editor.read(path)
            lines = source.text.splitlines() if source else []
            yield from (
                (path, number) for number, line in enumerate(lines, 1) if STARTS_TOKENWARD.search(line)
            )
