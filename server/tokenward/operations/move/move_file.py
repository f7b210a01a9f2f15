"""Moving the tokens of a file, or of one of its lines, by one edit."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenward.errors import MoveError, NameTaken, RewriteRefused, TokenGone, TokenwardError, VaultError
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.move import Moved, Moves
from tokenward.operations.move.plan import MoveRequest
from tokenward.places import shown
from tokenward.sources.source import Source

MOST_SINGLE = 20
"""Places of one value that are tried one by one where not all can be moved at once."""
PATIENCE = 30.0
"""Seconds without a plan after which the rest is not tried."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """Which tokens to move.

    Attributes:
        source: the text.
        folder: the workspace.
        line: the only one whose tokens are moved, counted from 0; None for all of them.
        name: what to call the token; None to have a name chosen.
    """

    source: Source
    folder: Path
    line: int | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one value.

    Attributes:
        line: where its first place was, counted from 0.
        count: how many places were to be moved.
        result: the move, or why it was not made.
    """

    line: int
    count: int
    result: Moved | TokenwardError


def move_file(context: Context, request: FileRequest, editor: Editor) -> Iterator[Outcome]:
    """Move tokens by one edit, all places of a value at once where that can be; those that stay come first.

    Raises:
        TokenwardError: the values that are left would fare the same, or nothing has changed, except as EditUncertain
            says.
    """
    tokens = _scanned(context, request.source)
    values = tokens.values(request.line)
    if not values:
        path = request.source.origin.path
        raise TokenGone(f"No token was found in {shown(path or request.source.name)}; nothing was moved.")
    moves, added = Moves(context, tokens, request.folder, editor), list[Sequence[int]]()
    failure = None
    try:
        for numbers, error in _added(moves, request, tokens, deque(values)):
            if error is None:
                added.append(numbers)
            else:
                yield _outcome(tokens, numbers, error)
    except TokenwardError as error:
        failure = error
    for numbers, result in zip(added, moves.carry_out(), strict=True):
        yield _outcome(tokens, numbers, result)
    if failure is not None:
        raise failure


def _added(
    moves: Moves, request: FileRequest, tokens: FileTokens, values: deque[list[int]]
) -> Iterator[tuple[Sequence[int], TokenwardError | None]]:
    """Add each value, or its places one by one; give what was added or not, and why not."""
    until = time.monotonic() + PATIENCE
    while values:
        _require_progress(until, len(values))
        numbers = values.popleft()
        fingerprint = tokens.findings[numbers[0]].fingerprint
        try:
            moves.add(MoveRequest(request.source, request.folder, fingerprint, name=request.name), numbers)
        except TokenwardError as error:
            if _concerns_all(error):
                raise
            if isinstance(error, RewriteRefused) and 1 < len(numbers) <= MOST_SINGLE:
                values.extendleft([number] for number in reversed(numbers))
            else:
                yield numbers, error
        else:
            yield numbers, None
            until = time.monotonic() + PATIENCE


def _outcome(tokens: FileTokens, numbers: Sequence[int], result: Moved | TokenwardError) -> Outcome:
    return Outcome(tokens.findings[numbers[0]].start.line, len(numbers), result)


def _require_progress(until: float, left: int) -> None:
    if time.monotonic() > until:
        raise TokenwardError(
            f"None could be moved for {PATIENCE:.0f} seconds, so {left:,} tokens were not tried; move them by "
            "`tokenward move FILE:LINE`."
        )


def _concerns_all(error: TokenwardError) -> bool:
    """Return whether the other tokens of the file would fare the same."""
    return isinstance(error, (MoveError, VaultError)) and not isinstance(error, NameTaken)


def _scanned(context: Context, source: Source) -> FileTokens:
    try:
        return FileTokens.of(context.scanner, source)
    except TimeoutError:
        reason = f"{shown(source.name)} takes too long to search; move its tokens by hand."
    raise TokenwardError(reason)
