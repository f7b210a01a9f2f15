"""JointEdits: the rewrites of several tokens of one text, made at once because no two change a line differently."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Generic, NamedTuple, TypeVar

from tokenward.model import Span
from tokenward.rewriting.edits import Edit, merged_spans
from tokenward.rewriting.undo import UndoStep
from tokenward.text import line_span

Change = TypeVar("Change")


class JointLines(Generic[Change]):
    """The lines that several rewrites of one text change, each in only one way."""

    def __init__(self) -> None:
        self._spans: list[Span] = []
        self._changes: dict[Span, Sequence[Change]] = {}

    def add(self, lines: Mapping[Span, Sequence[Change]]) -> bool:
        """Add the lines of one rewrite; if one of them is changed in another way, return False and add none."""
        new = [line for line, changes in lines.items() if self._changes.get(line) != changes]
        if any(map(self._touches, new)):
            return False
        for line in new:
            self._spans.insert(bisect_left(self._spans, line), line)
            self._changes[line] = lines[line]
        return True

    def changes(self) -> list[Change]:
        """Return all changes; those of a line are in order."""
        return [change for line in self._spans for change in self._changes[line]]

    def _touches(self, line: Span) -> bool:
        at = bisect_left(self._spans, line)
        return any(
            one.start <= line.end and line.start <= one.end for one in self._spans[max(at - 1, 0) : at + 1]
        )


def by_line(text: str, zones: Iterable[Span], spans: Iterable[Span]) -> dict[Span, range]:
    """Return the lines of the zones and the spans, which are in order, with the numbers of the spans in each."""
    ordered = [*spans]
    lines = merged_spans(line_span(text, span) for span in (*zones, *ordered))
    starts = [span.start for span in ordered]
    borders = [*(bisect_left(starts, line.start) for line in lines), len(starts)]
    return {line: range(first, end) for line, first, end in zip(lines, borders, borders[1:], strict=False)}


class PlacedEdits(NamedTuple):
    """The edits of one rewrite, at their places in the text after those before it, and how to undo them."""

    edits: tuple[Edit, ...]
    undo: tuple[UndoStep, ...]


class JointEdits:
    """Edits of one text by several rewrites that were planned for it.

    Attributes:
        text: without the edits.
        zones: the parts of it that may change.
        count: the number of rewrites.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.zones: list[Span] = []
        self.count = 0
        self._lines: JointLines[Edit] = JointLines()
        self._made: set[Edit] = set()
        self._starts: list[int] = []
        self._growths: list[int] = []

    def edits(self) -> list[Edit]:
        """Return the edits of all rewrites, in order."""
        return self._lines.changes()

    def place(
        self, zones: Sequence[Span], edits: Sequence[Edit], undo: Sequence[UndoStep]
    ) -> PlacedEdits | None:
        """Add a rewrite, and return what it changes after those before; None if it has to be planned after them."""
        numbers = by_line(self.text, zones, (edit.span for edit in edits))
        if not self._lines.add({line: [edits[one] for one in own] for line, own in numbers.items()}):
            return None
        self.zones += zones
        self.count += 1
        # Another rewrite may have added the same import.
        new = [(edit, step) for edit, step in zip(edits, undo, strict=True) if edit not in self._made]
        placed, steps, grown = list[Edit](), list[UndoStep](), 0
        for edit, step in new:
            start = edit.span.start + sum(self._growths[: bisect_left(self._starts, edit.span.start)])
            placed.append(Edit(Span(start, start + len(edit.span)), edit.text))
            steps.append(replace(step, offset=start + grown))
            grown += edit.growth
        for edit, _ in new:
            at = bisect_left(self._starts, edit.span.start)
            self._starts.insert(at, edit.span.start)
            self._growths.insert(at, edit.growth)
            self._made.add(edit)
        return PlacedEdits(tuple(placed), tuple(steps))
