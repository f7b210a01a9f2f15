"""Plans the move of all tokens of files: the replacements, and the reasons why tokens stay. Changes nothing."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tokenward.errors import MovesAlong, MoveStopped, RewriteRefused, TokenwardError
from tokenward.findings.scan import CachingScanner
from tokenward.language import phrase
from tokenward.model import Fingerprint, Surface
from tokenward.operations.context import Context
from tokenward.operations.files.draft_editor import DraftEditor
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.file_tokens import FileTokens, Spot
from tokenward.operations.move.move import MoveBatch, ends_batch
from tokenward.operations.move.plan import MovePlan, MoveRequest
from tokenward.operations.move.store_aside import aside_name
from tokenward.rewriting.draft import Draft
from tokenward.rewriting.planner import parsing_for
from tokenward.sources.source import Origin, Source

STOPPED = phrase("You stopped the move; the tokens moved so far are complete, and the others are unchanged.")
_NOTHING = Source("", Origin("", Surface.FILE))
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
class FilePreview:
    """The plan for a file's tokens; a token is counted at each of its places.

    Attributes:
        tokens: those in the text that was planned for.
        batch: what moves, and has not begun to.
        moves: the plans.
        refused: the places of values that stay, and why.
        aside: the number of tokens that would be stored and added to the environment file while their text stays.
        staying: the reasons why tokens stay, each with the line of each token, counted from 0.
        failure: why the remaining tokens were not tried.
    """

    tokens: FileTokens
    batch: MoveBatch
    moves: tuple[MovePlan, ...]
    refused: tuple[tuple[Sequence[int], TokenwardError], ...]
    aside: int
    staying: tuple[tuple[str, tuple[int, ...]], ...]
    failure: TokenwardError | None

    @property
    def moved(self) -> int:
        """Return the number of places that would be moved."""
        return sum(plan.count for plan in self.moves)

    @property
    def left(self) -> int:
        """Return the number of places that would keep their token."""
        return sum(len(lines) for _, lines in self.staying)


class Previewer:
    """Plans files in turn, each for the texts after the moves before it; a value that recurs keeps its name."""

    def __init__(self, context: Context, editor: Editor) -> None:
        self.context = context
        self.editor = editor
        # The texts after the moves so far.
        self._after = DraftEditor(editor, _NOTHING, Draft(""))
        self._names: dict[Fingerprint, str] = {}

    def preview(self, request: FileRequest) -> FilePreview:
        """Plan the move of a file's tokens.

        Raises:
            TokenwardError: the file has no token, or the scan takes too long.
        """
        context = self.context.scanning_with(CachingScanner.of(self.context.scanner))
        preview = plan_file(context, request, self._after, names=self._names)
        self._after.apply(preview.batch.drafts.changes(), "")
        self._names |= {plan.fingerprint: plan.reference.name for plan in preview.moves}
        return preview


def plan_file(
    context: Context,
    request: FileRequest,
    editor: Editor,
    watch: Callable[[int], bool] = lambda _: False,
    *,
    names: Mapping[Fingerprint, str] | None = None,
) -> FilePreview:
    """Plan the move of a file's tokens, some of which have names; `watch` is called after each, and True stops it.

    Raises:
        MoveStopped: `watch` stopped it.
        TokenwardError: the file has no token, the scan takes too long, or none can be tried.
    """
    try:
        tokens = FileTokens.of(context.scanner, request.source)
    except TimeoutError:
        raise TokenwardError("The file takes too long to search; move its tokens by hand.") from None
    values = tokens.numbers_by_value(request.spots)
    batch = MoveBatch(context, tokens, request.folder, editor, values, names=names)
    refused, failure = list[tuple[Sequence[int], TokenwardError]](), None
    try:
        for numbers, refusal in _add_values(batch, request, tokens, values):
            if refusal is not None:
                refused.append((numbers, refusal))
            if watch(0):
                raise MoveStopped(STOPPED)
        batch.end()
    except TokenwardError as error:
        if isinstance(error, MoveStopped) or not batch.left:
            raise
        failure = error
    staying: dict[str, tuple[int, ...]] = {}
    aside = 0
    for numbers, why in [*refused, *batch.refused]:
        if (
            request.aside
            and isinstance(why, RewriteRefused)
            and _can_store(context, request, editor, tokens, numbers)
        ):
            aside += len(numbers)
        else:
            lines = tuple(tokens.findings[number].start.line for number in numbers)
            staying[str(why)] = staying.get(str(why), ()) + lines
    return FilePreview(
        tokens,
        batch,
        tuple(one.plan for one in batch.left),
        tuple(refused),
        aside,
        tuple(staying.items()),
        failure,
    )


def _can_store(
    context: Context, request: FileRequest, editor: Editor, tokens: FileTokens, numbers: Sequence[int]
) -> bool:
    """Return whether a value could be stored although its places stay as they are."""
    fingerprint = tokens.findings[numbers[0]].fingerprint
    one = MoveRequest(request.source, request.folder, fingerprint)
    with parsing_for(request.folder):
        return aside_name(context, one, editor) is not None


def _add_values(
    batch: MoveBatch, request: FileRequest, tokens: FileTokens, waiting: Iterable[list[int]]
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
            batch.add(move_request(request, request.source, fingerprint), numbers)
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


def move_request(request: FileRequest, source: Source, fingerprint: Fingerprint) -> MoveRequest:
    """Return the request to move one value of a file."""
    return MoveRequest(source, request.folder, fingerprint, name=request.name, template=request.template)
