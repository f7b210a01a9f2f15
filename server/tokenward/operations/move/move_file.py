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
from tokenward.operations.move.move import MoveBatch, MoveResult
from tokenward.operations.move.plan import MoveRequest
from tokenward.places import shown
from tokenward.sources.source import Source

MOST_SINGLE_PLACES = 20
"""Places of one value that are tried one by one if they cannot all be moved at once."""
MAX_SECONDS_WITHOUT_PLAN = 30.0
"""The remaining tokens are not tried after that."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """The tokens to move.

    Attributes:
        source: the text.
        folder: the workspace.
        line: the only line whose tokens are moved, counted from 0; None for all of them.
        name: the name of the token; None to have one chosen.
    """

    source: Source
    folder: Path
    line: int | None
    name: str | None


@dataclass(frozen=True, slots=True)
class ValueOutcome:
    """The outcome for one value.

    Attributes:
        line: of its first place, counted from 0.
        count: the number of places to move.
        result: the move, or why it was not made.
    """

    line: int
    count: int
    result: MoveResult | TokenwardError


def move_file(context: Context, request: FileRequest, editor: Editor) -> Iterator[ValueOutcome]:
    """Move tokens by one edit, all places of a value at once where possible; yield first those that stay.

    Raises:
        TokenwardError: the remaining values would fail too, or nothing has changed, except as EditUncertain says.
    """
    source = request.source
    try:
        tokens = FileTokens.of(context.scanner, source)
    except TimeoutError:
        message = f"{shown(source.name)} takes too long to search; move its tokens by hand."
        raise TokenwardError(message) from None
    values = tokens.numbers_by_value(request.line)
    if not values:
        raise TokenGone(
            f"No token was found in {shown(source.origin.path or source.name)}; nothing was moved."
        )
    batch, added = MoveBatch(context, tokens, request.folder, editor), list[Sequence[int]]()
    failure = None
    try:
        for numbers, error in _add_values(batch, request, tokens, deque(values)):
            if error is None:
                added.append(numbers)
            else:
                yield _outcome(tokens, numbers, error)
    except TokenwardError as error:
        failure = error
    for numbers, result in zip(added, batch.commit(), strict=True):
        yield _outcome(tokens, numbers, result)
    if failure is not None:
        raise failure


def _add_values(
    batch: MoveBatch, request: FileRequest, tokens: FileTokens, values: deque[list[int]]
) -> Iterator[tuple[Sequence[int], TokenwardError | None]]:
    """Add each value to the batch, or its places one by one; yield the places, and an error if they stay."""
    until = time.monotonic() + MAX_SECONDS_WITHOUT_PLAN
    while values:
        if time.monotonic() > until:
            raise TokenwardError(
                f"None could be moved for {MAX_SECONDS_WITHOUT_PLAN:.0f} seconds, so {len(values):,} tokens were not "
                "tried; move them by `tokenward move FILE:LINE`."
            )
        numbers = values.popleft()
        fingerprint = tokens.findings[numbers[0]].fingerprint
        try:
            batch.add(MoveRequest(request.source, request.folder, fingerprint, name=request.name), numbers)
        except TokenwardError as error:
            if isinstance(error, (MoveError, VaultError)) and not isinstance(error, NameTaken):
                # The other tokens of the file would fail too.
                raise
            if isinstance(error, RewriteRefused) and 1 < len(numbers) <= MOST_SINGLE_PLACES:
                values.extendleft([number] for number in reversed(numbers))
            else:
                yield numbers, error
        else:
            yield numbers, None
            until = time.monotonic() + MAX_SECONDS_WITHOUT_PLAN


def _outcome(tokens: FileTokens, numbers: Sequence[int], result: MoveResult | TokenwardError) -> ValueOutcome:
    return ValueOutcome(tokens.findings[numbers[0]].start.line, len(numbers), result)
