"""The references in an open document, with their places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokenward.model import Reference, Span, references_in
from tokenward.names import REFERENCE_SCHEME

MOST_REFERENCES = 500
_AROUND = 256
"""More characters than a reference has, so that one at a position is never cut."""


class ReferencePlace(NamedTuple):
    """Where a reference is; `text` is its line."""

    line: int
    span: Span
    text: str
    reference: Reference


def reference_at(line: str, column: int) -> tuple[Span, Reference] | None:
    """Return the reference at a column, its ends included."""
    start = max(0, column - _AROUND)
    for span, reference in references_in(line[start : column + _AROUND]):
        if span.start + start <= column <= span.end + start:
            return Span(span.start + start, span.end + start), reference
    return None


def references_of(lines: Sequence[str], first: int = 0) -> list[ReferencePlace]:
    """Return the references in lines that begin at line `first` of a document, up to a limit."""
    found: list[ReferencePlace] = []
    for number, line in enumerate(lines, first):
        if f"{REFERENCE_SCHEME}://" in line:
            found += [
                ReferencePlace(number, span, line, reference) for span, reference in references_in(line)
            ]
        if len(found) >= MOST_REFERENCES:
            break
    return found[:MOST_REFERENCES]
