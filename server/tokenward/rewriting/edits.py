"""Edit: a span of a text, and its replacement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """Replaces `span` with `text`, which may contain a value; an empty span makes it an insertion."""

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
            raise ValueError("edits must be within the text, ordered and disjoint")
        parts += (text[done : edit.span.start], edit.text)
        done = edit.span.end
    return "".join([*parts, text[done:]])


def moved_spans(spans: Sequence[Span], edits: Sequence[Edit]) -> list[Span]:
    """Return the places of spans after edits, each inside one span or outside all; both are ordered and disjoint."""
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
    """Return the fewest ordered spans that cover all of these; spans that touch become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged
