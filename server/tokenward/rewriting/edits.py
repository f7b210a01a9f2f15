"""Edit: one span of a text, and the text that replaces it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tokenward.model import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces the characters of `span` by `text`, which may hold a value; with an empty span, an insertion."""

    span: Span
    text: str = field(repr=False)

    @property
    def growth(self) -> int:
        """Return by how many characters the text becomes longer."""
        return len(self.text) - len(self.span)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text after all edits, whose spans are all of the given text.

    Raises:
        ValueError: an edit lies outside the text, or two are out of order or overlap.
    """
    parts: list[str] = []
    done = 0
    for edit in edits:
        if not done <= edit.span.start <= edit.span.end <= len(text):
            raise ValueError("edits must lie in the text, in order and apart")
        parts += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join([*parts, text[done:]])


def moved_spans(spans: Sequence[Span], edits: Sequence[Edit]) -> list[Span]:
    """Return the places of spans after edits, each inside one span or outside all; both are in order and apart."""
    moved: list[Span] = []
    shift = index = 0
    for span in spans:
        while index < len(edits) and edits[index].span.start < span.start:
            shift += edits[index].growth
            index += 1
        start = span.start + shift
        while index < len(edits) and edits[index].span.end <= span.end:
            shift += edits[index].growth
            index += 1
        moved.append(Span(start, span.end + shift))
    return moved


def merged_spans(spans: Iterable[Span]) -> list[Span]:
    """Return the fewest spans that cover all of these, in order; spans that touch become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
