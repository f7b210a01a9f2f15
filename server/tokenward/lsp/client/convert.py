"""Converts positions and ranges between our types and lsprotocol's."""

from __future__ import annotations

from collections.abc import Sequence

from lsprotocol import types

from tokenward.model import Finding, Point, Span
from tokenward.text import Encoding, content_length, from_units, to_units


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
