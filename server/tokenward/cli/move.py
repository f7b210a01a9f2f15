"""`tokenward move` and `tokenward restore`, for people without an editor at hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.setting import Setting, say
from tokenward.errors import MoveError, TokenGone, TokenwardError
from tokenward.model import Finding
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.sources.source import Source


def register(app: typer.Typer) -> None:
    app.command()(move)
    app.command()(restore)


def move(
    place: str = typer.Argument(..., metavar="FILE[:LINE]", help="The file, or one line of it."),
    name: str = typer.Option("", "--name", help="What to call the token instead of what its place suggests."),
) -> None:
    """Move the tokens of a file into the keyring and leave references in their place."""
    path, line = _place(place)
    setting = Setting.here(path.absolute().parent)
    moved = 0
    with setting.context() as context:
        refused: set[tuple[int, int]] = set()
        while (finding := _next(context, path, line, refused)) is not None:
            try:
                _move(context, setting, path, finding, name)
                moved += 1
            except TokenwardError as error:
                if isinstance(error, MoveError):
                    raise
                refused.add((finding.start.line, finding.start.column))
                say(f"{path}:{finding.start.line + 1}: {error}")
    if not moved:
        raise TokenGone(f"No token was moved out of {shown(place)}.")


def restore(
    path: Path = typer.Argument(..., metavar="FILE", help="A file that tokens were moved out of."),
    name: str = typer.Option("", "--name", help="Only the token of this name."),
) -> None:
    """Put moved tokens back into a file in plain text; the keyring keeps them too."""
    from tokenward.operations.disk import DiskEditor
    from tokenward.operations.restore import restore as put_back

    setting = Setting.here(path.absolute().parent)
    with setting.context() as context:
        for restored in put_back(context, setting.folder, path.absolute(), DiskEditor(), name or None):
            say(f"{path}: put {restored.reference} back in plain text")


def _place(place: str) -> tuple[Path, int | None]:
    """A file, and a 0-based line if one is named; a file whose name ends in `:NUMBER` comes first."""
    match = re.fullmatch(r"(.+):([1-9][0-9]*)", place, re.DOTALL)
    if match is None or Path(place).exists():
        return Path(place), None
    return Path(match[1]), int(match[2]) - 1


def _next(context: Context, path: Path, line: int | None, refused: set[tuple[int, int]]) -> Finding | None:
    """The first token still to be moved, found in the file as it is now."""
    for finding in context.scanner.scan(_read(path)):
        on_line = line is None or finding.start.line <= line <= finding.end.line
        if on_line and (finding.start.line, finding.start.column) not in refused:
            return finding
    return None


def _move(context: Context, setting: Setting, path: Path, finding: Finding, name: str) -> None:
    from tokenward.operations.disk import DiskEditor
    from tokenward.operations.move import move as carry_out
    from tokenward.operations.plan import MoveRequest

    request = MoveRequest(_read(path), setting.folder, finding.fingerprint, finding.start, name or None)
    moved = carry_out(context, request, DiskEditor())
    say(f"{path}:{finding.start.line + 1}: moved the {moved.token} to the keyring as {moved.reference}")


def _read(path: Path) -> Source:
    from tokenward.operations.disk import DiskEditor

    source = DiskEditor().read(path.absolute())
    if source is None:
        raise TokenGone(f"{shown(path)} is not there; name a file that is.")
    return source
