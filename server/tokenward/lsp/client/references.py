"""The references in an open document, with their positions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokenward.model import Reference, Span, references_in
from tokenward.names import REFERENCE_SCHEME

MOST_REFERENCES = 500
_AROUND = 256
"""More characters than any reference has, so that none around a position is cut."""


class ReferencePlace(NamedTuple):
    """The position of a reference; `text` is its line."""

    line: int
    span: Span
    text: str
    reference: Reference


def reference_at(line: str, column: int) -> tuple[Span, Reference] | None:
    """Return the reference at a column, including both of its ends."""
    start = max(0, column - _AROUND)
    for span, reference in references_in(line[start : column + _AROUND]):
        if span.start + start <= column <= span.end + start:
            return Span(span.start + start, span.end + start), reference
    return None


def references_of(lines: Sequence[str], first: int = 0) -> list[ReferencePlace]:
    """Return the references in lines from line `first` of a document on, up to a limit."""
    found: list[ReferencePlace] = []
    for number, line in enumerate(lines, first):
        if f"{REFERENCE_SCHEME}://" in line:
            found += [
                ReferencePlace(number, span, line, reference) for span, reference in references_in(line)
            ]
        if len(found) >= MOST_REFERENCES:
            break
    return found[:MOST_REFERENCES]
