"""`tokenward move`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Invocation, absolute, require_name
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenGone, TokenwardError
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.operations.move.move import MoveResult


def register(app: typer.Typer) -> None:
    """Register the verb `move`."""
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
    path, line = _path_and_line(place)
    file = absolute(path)
    if file.is_dir():
        raise TokenwardError(
            f"{shown(path)} is a folder, and a move takes one file; `tokenward scan` lists those with tokens."
        )
    invocation = Invocation.here(file.parent)
    with invocation.context() as context:
        if not _move_tokens(context, invocation, path, line, name or None):
            raise TokenwardError(f"Not every token was moved out of {shown(path)}; the reasons are above.")


def _path_and_line(place: str) -> tuple[Path, int | None]:
    """Split FILE:LINE, with lines from 0; an existing file whose name ends in `:NUMBER` takes precedence."""
    match = re.fullmatch(r"(.+):([1-9][0-9]*)", place, re.DOTALL)
    if match is None or Path(place).exists():
        return Path(place), None
    return Path(match[1]), int(match[2]) - 1


def _move_tokens(
    context: Context, invocation: Invocation, path: Path, line: int | None, name: str | None
) -> bool:
    """Move a file's tokens and print each outcome; return False if one stays."""
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.move.move_file import FileRequest, move_file

    file, editor = absolute(path), DiskEditor(notes=invocation.places.writes)
    source = editor.read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} is not there; name a file that is.")
    moved_all = True
    for outcome in move_file(context, FileRequest(source, invocation.folder, line, name), editor):
        where = f"{path}:{outcome.line + 1}"
        if isinstance(outcome.result, TokenwardError):
            more = f" and {outcome.count - 1:,} more places" if outcome.count > 1 else ""
            say(f"{where}{more}: {sentence(outcome.result)}")
            moved_all = False
        else:
            say(f"{where}: {_description(context, outcome.result)}")
    return moved_all


def _description(context: Context, result: MoveResult) -> str:
    from tokenward.operations.access.lease_terms import terms_of
    from tokenward.presentation.leases import stored_end

    places = f" from {result.count} places" if result.count > 1 else ""
    end = stored_end(terms_of(context, [result.reference])[result.reference])
    return f"moved the {result.token}{places} to the keyring as {result.reference}" + (
        f". {end}" if end else ""
    )
