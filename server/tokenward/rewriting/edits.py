"""Edit: one range of a text and what takes its place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tokenward.model import Span


@dataclass(frozen=True, slots=True)
class Edit:
    """The characters of `span` give way to `text`, which may hold a value; an empty span is an insertion."""

    span: Span
    text: str = field(repr=False)


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """The text after all edits, each made against the text as it was given.

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
    """Where spans that hold each edit whole or not at all lie after the edits; both in order and apart."""
    moved: list[Span] = []
    shift = index = 0
    for span in spans:
        while index < len(edits) and edits[index].span.start < span.start:
            shift += _growth(edits[index])
            index += 1
        start = span.start + shift
        while index < len(edits) and edits[index].span.end <= span.end:
            shift += _growth(edits[index])
            index += 1
        moved.append(Span(start, span.end + shift))
    return moved


def merged_spans(spans: Iterable[Span]) -> list[Span]:
    """The fewest spans that cover all of these, in order; spans that touch become one."""
    merged: list[Span] = []
    for span in sorted(spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(span)
    return merged


def _growth(edit: Edit) -> int:
    return len(edit.text) - len(edit.span)
