"""Moves the tokens of a file, or those at some places in it, with one edit."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from tokenward.errors import (
    MovesAlong,
    MoveStopped,
    RewriteRefused,
    TokenGone,
    TokenwardError,
)
from tokenward.language import phrase
from tokenward.model import Fingerprint
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.file_tokens import FileTokens, Spot
from tokenward.operations.move.move import MoveBatch, MoveResult, ends_batch
from tokenward.operations.move.plan import MoveRequest
from tokenward.operations.move.store_aside import StoredAside, store_aside
from tokenward.places import shown
from tokenward.sources.source import Source

_STOPPED = phrase("You stopped the move; the tokens moved so far are complete, and the others are unchanged.")
MOST_SINGLE_PLACES = 20
"""The most places of a value that are tried one by one if they cannot all be moved at once."""
MAX_SECONDS_WITHOUT_PLAN = 30.0
"""Seconds without a possible move after which the remaining tokens are not tried."""


@dataclass(frozen=True, slots=True)
class FileRequest:
    """The tokens to move.

    Attributes:
        spots: where the tokens are that are moved; empty for all of them.
        template: leave a reference even in a file that only `tokenward inject` fills.
        aside: store the tokens that cannot be replaced, and add them to the environment file.
    """

    source: Source
    folder: Path
    spots: tuple[Spot, ...]
    name: str | None
    template: bool = False
    aside: bool = False

    def after_other_moves(self, editor: Editor) -> FileRequest:
        """Return the request for the file's current text, because moves out of others may have added lines to it."""
        path = self.source.origin.path
        source = editor.read(path) if path and not self.spots else None
        return self if source is None else replace(self, source=replace(source, name=self.source.name))


@dataclass(frozen=True, slots=True)
class ValueOutcome:
    """The outcome for one value.

    Attributes:
        line: of its first place, counted from 0.
    """

    line: int
    count: int
    result: MoveResult | StoredAside | TokenwardError


def move_file(
    context: Context, request: FileRequest, editor: Editor, watch: Callable[[], bool] = lambda: False
) -> Iterator[ValueOutcome]:
    """Move tokens with one edit, all places of a value at once where possible; first yield those that stay.

    `watch` is called after each value that is planned or stays; once it returns True, no more are moved.

    Raises:
        MoveStopped: `watch` stopped it.
        TokenwardError: the remaining values would fail too, or nothing has changed, except as EditUncertain says.
    """
    source = request.source
    try:
        tokens = FileTokens.of(context.scanner, source)
    except TimeoutError:
        text = "{file} takes too long to search; move its tokens by hand."
        raise TokenwardError(text, file=shown(source.name)) from None
    values = tokens.numbers_by_value(request.spots)
    batch = MoveBatch(context, tokens, request.folder, editor, values)
    failure: TokenwardError | None = None
    refused = list[Sequence[int]]()

    def outcomes(numbers: Sequence[int], result: MoveResult | TokenwardError) -> Iterator[ValueOutcome]:
        if request.aside and isinstance(result, RewriteRefused):
            refused.append(numbers)
        else:
            yield _outcome(tokens, numbers, result)

    try:
        for numbers, error in add_values(batch, request, tokens, values):
            if error is not None:
                yield from outcomes(numbers, error)
            elif batch.is_full:
                batch.store()
            if watch():
                failure = MoveStopped(_STOPPED)
                break
        batch.store()
    except TokenwardError as error:
        failure = error
    for numbers, result in batch.commit():
        yield from outcomes(numbers, result)
    if failure is not None:
        raise failure
    for numbers in refused:
        yield _outcome(tokens, numbers, _store_aside(context, request, tokens, numbers[0], editor))


class ValueBatch(Protocol):
    """Accepts places of values, or raises; such as MoveBatch."""

    def add(self, request: MoveRequest, numbers: Sequence[int]) -> None:
        """Accept some places of one value."""


def add_values(
    batch: ValueBatch, request: FileRequest, tokens: FileTokens, waiting: Iterable[list[int]]
) -> Iterator[tuple[Sequence[int], TokenwardError | None]]:
    """Add each value to the batch, or its places one by one; yield the places, and an error if they stay.

    A place that goes along with another is not yielded.

    Raises:
        TokenwardError: the remaining values would fail too.
    """
    values, moving, along = deque(waiting), set[int](), list[tuple[list[int], TokenwardError]]()
    until = time.monotonic() + MAX_SECONDS_WITHOUT_PLAN
    while values:
        if time.monotonic() > until:
            raise TokenwardError(
                "None could be moved for {seconds} seconds, so {count} tokens were not "
                "tried; move them with `tokenward move FILE:LINE`.",
                seconds=f"{MAX_SECONDS_WITHOUT_PLAN:.0f}",
                count=f"{len(values):,}",
            )
        numbers = values.popleft()
        fingerprint = tokens.findings[numbers[0]].fingerprint
        try:
            batch.add(_request(request, request.source, fingerprint), numbers)
        except TokenwardError as error:
            if ends_batch(error):
                raise
            if isinstance(error, RewriteRefused) and 1 < len(numbers) <= MOST_SINGLE_PLACES:
                values.extendleft([number] for number in reversed(numbers))
            elif isinstance(error, MovesAlong):
                along.append((numbers, error))
            else:
                yield numbers, error
        else:
            yield numbers, None
            moving |= {tokens.findings[number].start.line for number in numbers}
            until = time.monotonic() + MAX_SECONDS_WITHOUT_PLAN
    for numbers, refusal in along:
        if left := [number for number in numbers if tokens.findings[number].end.line + 1 not in moving]:
            yield left, refusal


def _store_aside(
    context: Context, request: FileRequest, tokens: FileTokens, number: int, editor: Editor
) -> StoredAside | TokenwardError:
    current = editor.reread(request.source)
    try:
        if current is None:
            raise TokenGone("{name} is gone.", name=shown(request.source.name))
        current = replace(current, name=request.source.name)
        return store_aside(context, _request(request, current, tokens.findings[number].fingerprint), editor)
    except TokenwardError as error:
        return error


def _request(request: FileRequest, source: Source, fingerprint: Fingerprint) -> MoveRequest:
    return MoveRequest(source, request.folder, fingerprint, name=request.name, template=request.template)


def _outcome(
    tokens: FileTokens, numbers: Sequence[int], result: MoveResult | StoredAside | TokenwardError
) -> ValueOutcome:
    return ValueOutcome(tokens.findings[numbers[0]].start.line, len(numbers), result)
