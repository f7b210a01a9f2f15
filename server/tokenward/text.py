r"""Lines and positions by the rules of the Language Server Protocol.

A line ends at `\n`, `\r\n` or a lone `\r` and nowhere else (LSP 3.17, "Text Documents"); `str.splitlines`
also splits at form feed, U+2028 and others, which would shift every position below.
"""

from __future__ import annotations

import io
import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from enum import StrEnum
from itertools import accumulate, chain

from tokenward.model import Point, Span

_ENDING = re.compile(r"\r\n|\n|\r")
_PART = 1 << 14
_CONTENT_END = re.compile(r"[\r\n]|\Z")


class Encoding(StrEnum):
    """The unit in which a client counts columns."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


def split_lines(text: str) -> list[str]:
    """Return the lines of a text with their endings; the last is the rest after the last ending, perhaps empty.

    `"".join(split_lines(text)) == text` for every text, and there is always at least one line.
    """
    lines = io.StringIO(text, newline="").readlines()
    if not lines or lines[-1][-1] in "\r\n":
        lines.append("")
    return lines


def places_of(text: str, part: str) -> Iterator[int]:
    """Yield the places of a part of a text, in order."""
    place = text.find(part)
    while place >= 0:
        yield place
        place = text.find(part, place + 1)


def content_length(line: str) -> int:
    """Return the number of code points before the line's ending."""
    if line.endswith("\r\n"):
        return len(line) - 2
    return len(line) - line.endswith(("\n", "\r"))


def line_span(text: str, span: Span) -> Span:
    """Return the span of the lines that a span touches, without the ending of the last."""
    start = max(text.rfind("\n", 0, span.start), text.rfind("\r", 0, span.start)) + 1
    ending = _CONTENT_END.search(text, span.end)
    return Span(start, ending.start() if ending else span.end)


def newline_of(text: str) -> str:
    """Return the first line ending in a text, or a line feed."""
    found = _ENDING.search(text)
    return found[0] if found else "\n"


def to_units(line: str, column: int, encoding: Encoding) -> int:
    """Convert a column in code points to a column in the client's units."""
    if encoding is Encoding.UTF32 or line.isascii():
        return column
    head = line[:column]
    if encoding is Encoding.UTF8:
        return len(head.encode("utf-8", "surrogatepass"))
    return len(head) + sum(c > "\uffff" for c in head)


def from_units(line: str, units: int, encoding: Encoding) -> int:
    """Convert a column in the client's units to a column in code points.

    A column past the end of the line becomes the end of its content, as the protocol says; one inside a
    character becomes the start of that character.
    """
    limit = content_length(line)
    if encoding is Encoding.UTF32 or line.isascii():
        return max(0, min(units, limit))
    codec, width = ("utf-8", 1) if encoding is Encoding.UTF8 else ("utf-16-le", 2)
    try:
        head = line.encode(codec)[: max(0, units) * width]
        return min(len(head.decode(codec, "ignore")), limit)
    except UnicodeEncodeError:  # lone surrogates, which no codec accepts
        return min(_count_one_by_one(line, max(0, units), encoding), limit)


def _count_one_by_one(line: str, units: int, encoding: Encoding) -> int:
    passed = 0
    for column, character in enumerate(line):
        if encoding is Encoding.UTF16:
            passed += 1 + (character > "\uffff")
        else:
            passed += len(character.encode("utf-8", "surrogatepass"))
        if passed > units:
            return column
    return len(line)


class LineTable:
    """Converts between offsets and points in a text, both in code points, with 8 bytes of memory for each line."""

    __slots__ = ("_starts", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = array("Q", [0])
        self._starts.extend(accumulate(chain.from_iterable(_line_lengths(text))))
        if not text or text[-1] in "\r\n":
            self._starts.append(len(text))

    def line(self, number: int) -> str:
        """Return a line with its ending."""
        return self._text[self._starts[number] : self._starts[number + 1]]

    def point(self, offset: int) -> Point:
        """Return the point of an offset; the end of the text is a point of its last line."""
        line = min(bisect_right(self._starts, offset) - 1, len(self._starts) - 2)
        return Point(line, offset - self._starts[line])

    def offset(self, point: Point) -> int:
        """Return the offset of a point; that of a point past the text is the end of the text."""
        if point.line >= len(self._starts) - 1:
            return self._starts[-1]
        return min(self._starts[point.line] + point.column, self._starts[point.line + 1])

    def span(self, start: Point, end: Point) -> Span:
        """Return the span between two points."""
        return Span(self.offset(start), self.offset(end))


def _line_lengths(text: str) -> Iterator[list[int]]:
    """Yield the lengths of the lines with their endings, of a part of the text at a time, of which a copy is made."""
    start = begun = 0
    while start < len(text):
        end = start + _PART
        end += text[end - 1 : end + 1] == "\r\n"
        lines = io.StringIO(text[start:end], newline="").readlines()
        lengths = [*map(len, lines)]
        lengths[0] += begun
        begun = 0 if lines[-1][-1] in "\r\n" else lengths.pop()
        yield lengths
        start = end
    if begun:
        yield [begun]
