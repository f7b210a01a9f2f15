r"""Lines and positions by the rules of the Language Server Protocol.

A line ends at `\n`, `\r\n` or a lone `\r` and nowhere else (LSP 3.17, "Text Documents"); `str.splitlines`
also splits at form feed, U+2028 and others, which would shift every position below.
"""

from __future__ import annotations

import io
from bisect import bisect_right
from enum import StrEnum
from itertools import accumulate

from tokenward.model import Point, Span


class Encoding(StrEnum):
    """The unit in which a client counts columns."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def split_lines(text: str) -> list[str]:
    """The lines of a text with their endings; the last is the rest after the last ending, maybe empty.

    `"".join(split_lines(text)) == text` for every text, and there is always at least one line.
    """
    lines = io.StringIO(text, newline="").readlines()
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def content_length(line: str) -> int:
    """The number of code points before the line's ending."""
    if line.endswith("\r\n"):
        return len(line) - 2
    return len(line) - line.endswith(("\n", "\r"))


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """A column in code points as a column in the client's units."""
    if encoding is Encoding.UTF32 or line.isascii():
        return column
    head = line[:column]
    if encoding is Encoding.UTF8:
        return len(head.encode("utf-8", "surrogatepass"))
    return len(head) + sum(c > "\uffff" for c in head)


def from_units(line: str, units: int, encoding: Encoding) -> int:
    """A column in the client's units as a column in code points.

    A column past the end of the line is the end of its content, as the protocol has it; one inside a
    character is the start of that character.
    """
    limit = content_length(line)
    if encoding is Encoding.UTF32 or line.isascii():
        return max(0, min(units, limit))
    return min(_characters_before(line, max(0, units), encoding), limit)


def _characters_before(line: str, units: int, encoding: Encoding) -> int:
    codec, width = ("utf-8", 1) if encoding is Encoding.UTF8 else ("utf-16-le", 2)
    try:
        return len(line.encode(codec)[: units * width].decode(codec, "ignore"))
    except UnicodeEncodeError:  # lone surrogates, which no codec takes
        return _count_one_by_one(line, units, encoding)


def _count_one_by_one(line: str, units: int, encoding: Encoding) -> int:
    passed = 0
    for column, character in enumerate(line):
        passed += _width(character, encoding)
        if passed > units:
            return column
    return len(line)


def _width(character: str, encoding: Encoding) -> int:
    if encoding is Encoding.UTF16:
        return 1 + (character > "\uffff")
    return len(character.encode("utf-8", "surrogatepass"))


class LineTable:
    """Offset <-> point for one text, both in code points."""

    __slots__ = ("_starts", "lines")

    def __init__(self, text: str) -> None:
        self.lines = split_lines(text)
        self._starts = [0, *accumulate(len(line) for line in self.lines)]

    def point(self, offset: int) -> Point:
        """The point of an offset; the end of the text is a point of its last line."""
        line = min(bisect_right(self._starts, offset) - 1, len(self.lines) - 1)
        return Point(line, offset - self._starts[line])

    def offset(self, point: Point) -> int:
        """The offset of a point; one past the text is the end of the text."""
        if point.line >= len(self.lines):
            return self._starts[-1]
        return self._starts[point.line] + min(point.column, len(self.lines[point.line]))

    def span(self, start: Point, end: Point) -> Span:
        return Span(self.offset(start), self.offset(end))
