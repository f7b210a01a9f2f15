"""Moves the tokens of a file, or those at some places in it, with one edit."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from tokenward.errors import MoveStopped, RewriteRefused, TokenGone, TokenwardError
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.move import MoveResult
from tokenward.operations.move.preview import STOPPED, FilePreview, FileRequest, move_request, plan_file
from tokenward.operations.move.store_aside import StoredAside, store_aside
from tokenward.places import shown


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
    context: Context,
    request: FileRequest,
    editor: Editor,
    watch: Callable[[int], bool] = lambda _: False,
    planned: FilePreview | None = None,
) -> Iterator[ValueOutcome]:
    """Move tokens with one edit, all places of a value at once where possible; first yield those that stay.

    A preview is carried out if every text is still as it was planned for, and else made again. `watch` is called with
    the number of values that were stored; once it returns True, no more are moved.

    Raises:
        MoveStopped: `watch` stopped it.
        TokenwardError: the remaining values would fail too, or nothing has changed, except as EditUncertain says.
    """
    context.claim_workspace(request.folder)
    if planned is None or not planned.batch.resume(context, request.source, editor):
        planned = plan_file(context, request, editor, watch)
    batch, tokens, failure = planned.batch, planned.tokens, planned.failure
    refused = list[Sequence[int]]()

    def outcomes(numbers: Sequence[int], result: MoveResult | TokenwardError) -> Iterator[ValueOutcome]:
        if request.aside and isinstance(result, RewriteRefused):
            refused.append(numbers)
        else:
            yield _outcome(tokens, numbers, result)

    for numbers, error in planned.refused:
        yield from outcomes(numbers, error)
    try:
        for count in batch.store():
            if watch(count):
                failure = MoveStopped(STOPPED)
                break
    except TokenwardError as error:
        failure = error
    for numbers, result in batch.commit():
        yield from outcomes(numbers, result)
    if failure is not None:
        raise failure
    for numbers in refused:
        yield _outcome(tokens, numbers, _store_aside(context, request, tokens, numbers[0], editor))


def _store_aside(
    context: Context, request: FileRequest, tokens: FileTokens, number: int, editor: Editor
) -> StoredAside | TokenwardError:
    current = editor.reread(request.source)
    try:
        if current is None:
            raise TokenGone("{name} is gone.", name=shown(request.source.name))
        current = replace(current, name=request.source.name)
        return store_aside(
            context, move_request(request, current, tokens.findings[number].fingerprint), editor
        )
    except TokenwardError as error:
        return error


def _outcome(
    tokens: FileTokens, numbers: Sequence[int], result: MoveResult | StoredAside | TokenwardError
) -> ValueOutcome:
    return ValueOutcome(tokens.findings[numbers[0]].start.line, len(numbers), result)
