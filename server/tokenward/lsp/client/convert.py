"""Converts positions and ranges between our types and lsprotocol's, and reads ranges from parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.model import Finding, Point, Span
from tokenward.text import Encoding, content_length, from_units, to_units

MOST_RANGES = 100


def to_position(lines: Sequence[str], point: Point, encoding: Encoding) -> types.Position:
    """Convert a point to the client's position; the end of a line's ending becomes the next line's start."""
    if point.line >= len(lines):
        return types.Position(len(lines), 0)
    line = lines[point.line]
    if point.column > content_length(line) and point.line + 1 < len(lines):
        return types.Position(point.line + 1, 0)
    return types.Position(point.line, to_units(line, point.column, encoding))


def to_range(lines: Sequence[str], finding: Finding, *, encoding: Encoding) -> types.Range:
    """Return the range of a finding in an open document."""
    return types.Range(to_position(lines, finding.start, encoding), to_position(lines, finding.end, encoding))


def to_span(line: int, span: Span, text: str, *, encoding: Encoding) -> types.Range:
    """Return the range of a part of a line, without the line's ending."""
    start, end = (to_units(text, column, encoding) for column in (span.start, span.end))
    return types.Range(types.Position(line, start), types.Position(line, end))


def to_file_range(finding: Finding, *, encoding: Encoding) -> types.Range:
    """Return the range of a finding in a file that is not open."""
    first, last = finding.start.column, finding.end.column
    if finding.place is not None and encoding is Encoding.UTF16:
        first, last = finding.place.start_character, finding.place.end_character
    elif finding.place is not None and encoding is Encoding.UTF8:
        first, last = finding.place.start_byte_column, finding.place.end_byte_column
    return types.Range(types.Position(finding.start.line, first), types.Position(finding.end.line, last))


def from_position(lines: Sequence[str], position: types.Position, encoding: Encoding) -> Point:
    """Convert a client's position to a point; beyond the text, it becomes the text's end."""
    if position.line >= len(lines):
        return Point(len(lines) - 1, len(lines[-1]))
    return Point(position.line, from_units(lines[position.line], position.character, encoding))


def ranges_of(raw: Any) -> tuple[types.Range, ...]:
    """Return the ranges that parameters name.

    Raises:
        TokenwardError: they are missing, too many, or malformed ones.
    """
    try:
        places = raw["ranges"][: MOST_RANGES + 1]
        ranges = tuple(types.Range(_position(one["start"]), _position(one["end"])) for one in places)
    except (KeyError, TypeError, ValueError):
        ranges = ()
    if not 0 < len(ranges) <= MOST_RANGES:
        raise TokenwardError(f"Name 1 to {MOST_RANGES} ranges of the text.")
    return ranges


def _position(raw: Any) -> types.Position:
    line, character = raw["line"], raw["character"]
    if not (isinstance(line, int) and isinstance(character, int)):
        raise TypeError
    if line < 0 or character < 0:
        raise ValueError
    return types.Position(line, character)
