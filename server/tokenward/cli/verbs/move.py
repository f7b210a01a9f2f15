"""`tokenward move`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Invocation, absolute, require_name
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenGone, TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.operations.move.move import Moved
    from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class Job:
    """What is moved out of, as it was named and as it is found, and what its token is to be called."""

    invocation: Invocation
    path: Path
    file: Path
    name: str


def register(app: typer.Typer) -> None:
    app.command()(move)


def move(
    place: str = typer.Argument(..., metavar="FILE[:LINE]", help="The file, or one line of it."),
    name: str = typer.Option("", "--name", help="What to call the token instead of what its place suggests."),
) -> None:
    """Move a file's tokens into the keyring.

    References take their place; from code, they go into .env, and the code reads its environment.
    """
    if name:
        require_name(name)
    path, line = _place(place)
    file = absolute(path)
    if file.is_dir():
        raise TokenwardError(
            f"{shown(path)} is a folder, and a move takes one file; `tokenward scan` lists those with tokens."
        )
    invocation = Invocation.here(file.parent)
    with invocation.context() as context:
        if not _move_all(context, Job(invocation, path, file, name), line):
            raise TokenwardError(f"Not every token was moved out of {shown(path)}; the reasons are above.")


def _place(place: str) -> tuple[Path, int | None]:
    """A file, and a 0-based line if one is named; a file whose name ends in `:NUMBER` comes first."""
    match = re.fullmatch(r"(.+):([1-9][0-9]*)", place, re.DOTALL)
    if match is None or Path(place).exists():
        return Path(place), None
    return Path(match[1]), int(match[2]) - 1


def _move_all(context: Context, job: Job, line: int | None) -> bool:
    """Move a file's tokens, and say what became of each; False when one stays."""
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.move.move_file import FileRequest, move_file

    request = FileRequest(_read(job.file), job.invocation.folder, line, job.name or None)
    moved_all = True
    for outcome in move_file(context, request, DiskEditor(notes=job.invocation.places.writes)):
        where = f"{job.path}:{outcome.line + 1}"
        if isinstance(outcome.result, TokenwardError):
            more = f" and {outcome.count - 1:,} more places" if outcome.count > 1 else ""
            say(f"{where}{more}: {sentence(outcome.result)}")
            moved_all = False
        else:
            say(f"{where}: {_told(context, outcome.result)}")
    return moved_all


def _told(context: Context, moved: Moved) -> str:
    from tokenward.operations.access.lease_terms import terms_of
    from tokenward.presentation.leases import stored_end

    places = f" from {moved.count} places" if moved.count > 1 else ""
    end = stored_end(terms_of(context, [moved.reference])[moved.reference])
    return f"moved the {moved.token}{places} to the keyring as {moved.reference}" + (
        f". {end}" if end else ""
    )


def _read(file: Path) -> Source:
    from tokenward.operations.files.disk_editor import DiskEditor

    source = DiskEditor().read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} is not there; name a file that is.")
    return source
