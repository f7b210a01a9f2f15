"""Previews the move of all tokens of files: the replacements, and the reasons why tokens stay. Changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tokenward.errors import RewriteRefused, TokenwardError
from tokenward.findings.scan import CachingScanner
from tokenward.model import Fingerprint
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.move_file import FileRequest, add_values
from tokenward.operations.move.plan import MovePlan, MoveRequest, PlacesToMove, check_values, plan_places
from tokenward.operations.move.store_aside import aside_name
from tokenward.rewriting.parsing_once import parsing_once
from tokenward.rewriting.planner import parsing_for


@dataclass(frozen=True, slots=True)
class FilePreview:
    """The outcome of moving a file's tokens; a token is counted at each of its places.

    Attributes:
        moves: the plans.
        aside: the number of tokens that would be stored and added to the environment file while their text stays.
        staying: the reasons why tokens stay, each with the line of each token, counted from 0.
    """

    moves: tuple[MovePlan, ...]
    aside: int
    staying: tuple[tuple[str, tuple[int, ...]], ...]

    @property
    def moved(self) -> int:
        """Return the number of places that would be moved."""
        return sum(plan.count for plan in self.moves)

    @property
    def left(self) -> int:
        """Return the number of places that would keep their token."""
        return sum(len(lines) for _, lines in self.staying)


@dataclass(slots=True)
class Previewer:
    """Previews files in turn; a value that recurs keeps its name, and another value gets another name."""

    context: Context
    editor: Editor
    _names: dict[Fingerprint, str] = field(default_factory=dict)

    def preview(self, request: FileRequest) -> FilePreview:
        """Return the outcome of moving a file's tokens.

        Raises:
            TokenwardError: the file has no token, or the scan takes too long.
        """
        context = self.context.scanning_with(CachingScanner.of(self.context.scanner))
        try:
            tokens = FileTokens.of(context.scanner, request.source)
        except TimeoutError:
            raise TokenwardError("The file takes too long to search; move its tokens by hand.") from None
        batch = _PlannedBatch(context, tokens, self.editor, self._names)
        staying: dict[str, tuple[int, ...]] = {}
        aside = 0
        with parsing_once(), parsing_for(request.folder):
            values = tokens.numbers_by_value(request.spots)
            spans = ([tokens.detections[number].span for number in numbers] for numbers in values)
            check_values(request.source, spans, context.workspace_of(request.folder))
            for numbers, error in add_values(batch, request, tokens, values):
                if error is None:
                    continue
                if request.aside and isinstance(error, RewriteRefused) and batch.can_store(request, numbers):
                    aside += len(numbers)
                else:
                    lines = tuple(tokens.findings[number].start.line for number in numbers)
                    staying[str(error)] = staying.get(str(error), ()) + lines
        return FilePreview(tuple(batch.plans), aside, tuple(staying.items()))


@dataclass(slots=True)
class _PlannedBatch:
    """Plans moves like MoveBatch, and stores nothing."""

    context: Context
    tokens: FileTokens
    editor: Editor
    names: dict[Fingerprint, str]
    plans: list[MovePlan] = field(default_factory=list)

    def add(self, request: MoveRequest, numbers: Sequence[int]) -> None:
        fingerprint = self.tokens.findings[numbers[0]].fingerprint
        request = replace(request, suggested=self.names.get(fingerprint))
        chosen = PlacesToMove.of(self.tokens, request, numbers)
        taken = frozenset(name for value, name in self.names.items() if value != fingerprint)
        workspace = self.context.workspace_of(request.folder)
        plan = plan_places(self.context, chosen, self.editor, workspace, taken)
        self.names[fingerprint] = plan.reference.name
        self.plans.append(plan)

    def can_store(self, request: FileRequest, numbers: Sequence[int]) -> bool:
        """Return whether a value could be stored although its places stay as they are."""
        fingerprint = self.tokens.findings[numbers[0]].fingerprint
        one = MoveRequest(request.source, request.folder, fingerprint)
        return aside_name(self.context, one, self.editor) is not None
