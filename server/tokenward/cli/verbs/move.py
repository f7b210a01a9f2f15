"""`tokenward move`."""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Invocation, absolute, require_name
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import MoveError, NameTaken, RewriteRefused, TokenGone, TokenwardError, VaultError
from tokenward.model import Finding, Span
from tokenward.places import shown
from tokenward.text import LineTable

if TYPE_CHECKING:
    from tokenward.operations.context import Context
    from tokenward.sources.source import Source


MOST_SINGLE = 20
"""Places of one value that are tried one by one where not all can be moved at once."""
PATIENCE = 30.0
"""Seconds without a move after which the rest is not tried."""


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
    """Move a file's tokens, all places of a value at once where that can be; False when one stays."""
    from tokenward.findings.once import OnceScanner
    from tokenward.operations.move.file_tokens import FileTokens

    context = context.scanning_with(OnceScanner.like(context.scanner))
    tokens = FileTokens(lambda: _read(job.file), lambda source: _scan(context, source))
    values = deque(tokens.values(line))
    if not values:
        raise TokenGone(f"No token was found in {shown(job.file)}; nothing was moved.")
    moved_all, until = True, time.monotonic() + PATIENCE
    while values:
        _require_progress(until, len(values))
        numbers = values.popleft()
        findings = tokens.places(numbers)
        where = f"{job.path}:{findings[0].start.line + 1}"
        try:
            told = _move(context, job, tokens.source, findings, everywhere=tokens.are_all(numbers))
        except TokenwardError as error:
            if _concerns_all(error):
                raise
            if isinstance(error, RewriteRefused) and 1 < len(numbers) <= MOST_SINGLE:
                values.extendleft([number] for number in reversed(numbers))
                continue
            moved_all = False
            say(f"{where}{_and_more(numbers)}: {sentence(error)}")
        else:
            say(f"{where}: {told}")
            tokens.moved(numbers)
            until = time.monotonic() + PATIENCE
    return moved_all


def _require_progress(until: float, left: int) -> None:
    if time.monotonic() > until:
        raise TokenwardError(
            f"None could be moved for {PATIENCE:.0f} seconds, so {left:,} tokens were not tried; move them by "
            "`tokenward move FILE:LINE`."
        )


def _and_more(numbers: Sequence[int]) -> str:
    return f" and {len(numbers) - 1:,} more places" if len(numbers) > 1 else ""


def _scan(context: Context, source: Source) -> tuple[Finding, ...]:
    try:
        return context.scanner.scan(source)
    except TimeoutError:
        reason = f"{shown(source.name)} takes too long to search; move its tokens by hand."
    raise TokenwardError(reason)


def _move(
    context: Context, job: Job, source: Source, findings: Sequence[Finding], *, everywhere: bool
) -> str:
    from tokenward.operations.access.lease_terms import terms_of
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.move.move import move as carry_out
    from tokenward.operations.move.plan import MoveRequest, require_whole
    from tokenward.presentation.leases import stored_end

    require_whole(findings)
    first, last = findings[0], findings[-1]
    within = None
    if not everywhere:
        table = LineTable(source.text)
        within = (Span(table.offset(first.start), table.offset(last.end)),)
    request = MoveRequest(
        source, job.invocation.folder, first.fingerprint, name=job.name or None, within=within
    )
    moved = carry_out(context, request, DiskEditor(notes=job.invocation.places.writes))
    places = f" from {moved.count} places" if moved.count > 1 else ""
    end = stored_end(terms_of(context, [moved.reference])[moved.reference])
    return f"moved the {moved.token}{places} to the keyring as {moved.reference}" + (
        f". {end}" if end else ""
    )


def _concerns_all(error: TokenwardError) -> bool:
    """Whether the other tokens of the file would fare the same."""
    return isinstance(error, (MoveError, VaultError)) and not isinstance(error, NameTaken)


def _read(file: Path) -> Source:
    from tokenward.operations.files.disk_editor import DiskEditor

    source = DiskEditor().read(file)
    if source is None:
        raise TokenGone(f"{shown(file)} is not there; name a file that is.")
    return source
