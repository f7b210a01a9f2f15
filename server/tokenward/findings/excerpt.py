"""The lines around a token that a command printed, with all tokens masked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Point, Secret, Span
from tokenward.places import shown

MASK = "*"
LINES_AROUND = 2
MOST_LINES = 8
"""The most lines shown of a long token such as a private key."""
MOST_COLUMNS = 400
_COLUMNS_BEFORE = 120
_SHORTEST_PIECE = 16
"""The fewest characters of a token's line that count as a trace of it."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines, and the token's position in them: lines from 0, columns in code points.

    Attributes:
        lines: only printable characters.
    """

    lines: tuple[str, ...]
    start: Point
    end: Point

    def without(self, secret: Secret) -> Excerpt:
        """Return the excerpt with a later discovered token masked."""
        pieces = [piece for piece in map(str.strip, secret.reveal().split("\n")) if piece]
        if len(pieces) > 1:
            pieces = [piece for piece in pieces if len(piece) >= _SHORTEST_PIECE]
        lines = self.lines
        for piece in pieces:
            lines = tuple(line.replace(shown(piece), MASK * len(piece)) for line in lines)
        return replace(self, lines=lines)


def excerpt(text: str, span: Span, hidden: Iterable[Span]) -> Excerpt:
    """Return the lines around a token, with everything in `hidden` masked.

    After the token, only whole lines are shown, because the last may end in the start of another token.
    """
    start = text.rfind("\n", 0, span.start) + 1
    begin = start
    for _ in range(LINES_AROUND):
        begin = text.rfind("\n", 0, max(begin - 1, 0)) + 1
    end = _end(text, span)
    lines = _masked(text, Span(begin, end), hidden).split("\n")
    last = text.rfind("\n", 0, span.end) + 1
    first = text.count("\n", begin, span.start)
    lines_in_token = text.count("\n", span.start, span.end)
    return _cut(lines, Point(first, span.start - start), Point(first + lines_in_token, span.end - last))


def masked(text: str, hidden: Iterable[Span]) -> str:
    """Return a line of text with its masked parts, printable and not too long."""
    return _cut_line(_printable(_masked(text, Span(0, len(text)), hidden)), 0)


def _end(text: str, span: Span) -> int:
    end = text.find("\n", span.end)
    if end < 0:
        return span.end
    for _ in range(LINES_AROUND):
        following = text.find("\n", end + 1)
        if following < 0:
            break
        end = following
    return end


def _masked(text: str, part: Span, hidden: Iterable[Span]) -> str:
    pieces, done = [], part.start
    for span in sorted(one for one in hidden if one.overlaps(part)):
        start, end = max(span.start, done), min(span.end, part.end)
        if start < end:
            stars = "".join(one if one.isspace() else MASK for one in text[start:end])
            pieces += [text[done:start], stars]
            done = end
    return "".join([*pieces, text[done : part.end]])


def _cut(lines: list[str], start: Point, end: Point) -> Excerpt:
    offset = max(0, start.column - _COLUMNS_BEFORE)
    shortened = [
        _cut_line(_printable(line.removesuffix("\r")), offset if number == start.line else 0)
        for number, line in enumerate(lines[: max(MOST_LINES, start.line + 1)])
    ]
    start = Point(start.line, start.column - offset)
    end = Point(end.line, end.column - offset) if end.line == start.line else end
    if end.line >= len(shortened):
        end = Point(len(shortened) - 1, len(shortened[-1]))
    return Excerpt(tuple(shortened), start, Point(end.line, min(end.column, len(shortened[end.line]))))


def _cut_line(line: str, offset: int) -> str:
    """Return a part of a line in which each character keeps its column."""
    part = line[offset : offset + MOST_COLUMNS]
    if offset:
        part = f"…{part[1:]}"
    return part if len(line) <= offset + MOST_COLUMNS else f"{part[:-1]}…"


def _printable(line: str) -> str:
    return shown(line.replace("\t", " "))
