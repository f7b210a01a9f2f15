"""The references in an open document, with their positions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from tokenward.model import TOKEN_NAME, Reference, Span, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.text import content_length

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


# Looser than a reference, so that a mistyped one is replaced as a whole.
_BEGUN = re.compile(
    rf"(?<![A-Za-z0-9_]){REFERENCE_SCHEME}:(?:/(?:/(?:[A-Za-z0-9._-]{{1,64}}(?:/[A-Za-z0-9_]{{0,128}})?)?)?)?"
)
_ASSIGNED = re.compile(rf"\ufeff?[^\S\r\n]*(?:export[^\S\r\n]+)?({TOKEN_NAME.pattern})[^\S\r\n]*=")
_VALUE = re.compile(r"[^\S\r\n]*([\"']?)([a-z]*)")
_BLANK_END = re.compile(r"[^\S\r\n]*(?:[^\S\r\n]#.*)?")


def typed_reference(line: str, column: int) -> Span | None:
    """Return the place of a reference that begins before a column; None if its scheme is incomplete."""
    start = max(0, column - _AROUND)
    for found in _BEGUN.finditer(line, start, column + _AROUND):
        if found.start() + len(REFERENCE_SCHEME) < column <= found.end():
            return Span(found.start(), found.end())
    return None


def assigned_variable(line: str) -> str:
    """Return the variable that a line of a `.env` file assigns; empty if it assigns none."""
    found = _ASSIGNED.match(line)
    return found[1] if found else ""


def empty_value(line: str, column: int) -> Span | None:
    """Return the value at a column in a line of a `.env` file, if it is at most the first letters of the scheme."""
    assigned = _ASSIGNED.match(line)
    if assigned is None or not 0 <= column - assigned.end() <= _AROUND:
        return None
    value = _VALUE.fullmatch(line, assigned.end(), column)
    if value is None or not REFERENCE_SCHEME.startswith(value[2]):
        return None
    rest = line[column : content_length(line)].removeprefix(value[1])
    return Span(value.start(2), column) if _BLANK_END.fullmatch(rest) else None
