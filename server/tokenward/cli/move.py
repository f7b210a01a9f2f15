"""`tokenward move`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.setting import Setting, absolute, require_name
from tokenward.cli.terminal import say, sentence
from tokenward.errors import MoveError, NameTaken, TokenGone, TokenwardError, VaultError
from tokenward.model import Finding
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.sources.source import Source


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
            f"{shown(path)} is a folder, and a move is of one file; `tokenward scan` names those with tokens."
        )
    setting = Setting.here(file.parent)
    moved_all = True
    with setting.context() as context:
        for source, finding in _wanted(context, file, line):
            try:
                moved = _move(context, setting, source, finding, name)
                say(f"{path}:{finding.start.line + 1}: {moved}")
            except TokenwardError as error:
                if _concerns_all(error):
                    raise
                moved_all = False
                say(f"{path}:{finding.start.line + 1}: {sentence(error)}")
    if not moved_all:
        raise TokenwardError(f"Not every token was moved out of {shown(path)}; see above why.")


def _place(place: str) -> tuple[Path, int | None]:
    """A file, and a 0-based line if one is named; a file whose name ends in `:NUMBER` comes first."""
    match = re.fullmatch(r"(.+):([1-9][0-9]*)", place, re.DOTALL)
    if match is None or Path(place).exists():
        return Path(place), None
    return Path(match[1]), int(match[2]) - 1


def _wanted(context: Context, file: Path, line: int | None) -> Iterator[tuple[Source, Finding]]:
    """Each token to be moved, at the place where it stands once those before it are moved.

    Raises:
        TokenGone: there is none, or the file was changed by somebody else in between.
    """
    source = _read(file)
    before = _scan(context, source)
    wanted = [index for index, finding in enumerate(before) if _is_on(line, finding)]
    if not wanted:
        raise TokenGone(f"No token was found in {shown(file)}; nothing was moved.")
    for index in wanted:
        source = _read(file)
        now = _scan(context, source)
        # Those that were moved are found no more.
        left = index - (len(before) - len(now))
        if not 0 <= left < len(now) or now[left].fingerprint != before[index].fingerprint:
            raise TokenGone(f"{shown(file)} was changed in between; look at it and start again.")
        yield source, now[left]


def _is_on(line: int | None, finding: Finding) -> bool:
    return line is None or finding.start.line <= line <= finding.end.line


def _scan(context: Context, source: Source) -> tuple[Finding, ...]:
    try:
        return context.scanner.scan(source)
    except TimeoutError:
        reason = f"{shown(source.name)} takes too long to search; move its tokens by hand."
    raise TokenwardError(reason)


def _move(context: Context, setting: Setting, source: Source, finding: Finding, name: str) -> str:
    from tokenward.operations.disk import DiskEditor
    from tokenward.operations.leased import told_end
    from tokenward.operations.move import move as carry_out
    from tokenward.operations.plan import MoveRequest

    request = MoveRequest(source, setting.folder, finding.fingerprint, finding.start, name or None)
    moved = carry_out(context, request, DiskEditor())
    end = told_end(context, moved.reference)
    return f"moved the {moved.token} to the keyring as {moved.reference}" + (f". {end}" if end else "")


def _concerns_all(error: TokenwardError) -> bool:
    """Whether the other tokens of the file would fare the same."""
    return isinstance(error, (MoveError, VaultError)) and not isinstance(error, NameTaken)


def _read(file: Path) -> Source:
    from tokenward.operations.disk import DiskEditor

    source = DiskEditor().read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} is not there; name a file that is.")
    return source
