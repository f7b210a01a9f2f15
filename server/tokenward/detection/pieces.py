"""Cuts long texts into pieces, so that a scan's memory depends on a piece and not on the text."""

from __future__ import annotations

from itertools import pairwise

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span

LONGEST = 1 << 19
"""The most characters that are scanned at once, without those around them."""
MARGIN = 1 << 14
"""Characters before and after a piece that are scanned with it.

A longer token at a border is missed if it is of several lines, or in a line of more than a quarter of a piece.
"""
MOST_FOUND = 50_000
"""Tokens in a text, also ignored ones, after which the scan stops."""
SHORTEST = 1 << 16
"""The characters that are scanned at once, however many logins they have."""
MOST_LOGINS = 4_000
"""URLs with a login in a text that is scanned at once; the engine takes 20 kB of memory for each."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a text.

    Attributes:
        core: its own characters; a token belongs to the piece in which it starts.
        around: the characters to scan.
    """

    core: Span
    around: Span

    @property
    def own(self) -> range:
        """Return the places of its own characters within the scanned ones."""
        return range(self.core.start - self.around.start, self.core.end - self.around.start)


def is_one_piece(data: bytes) -> bool:
    """Return whether a text, in UTF-8, is short enough to be scanned at once."""
    return len(data) <= SHORTEST or (len(data) <= LONGEST and _has_few_logins(data))


def pieces_of(text: str, data: bytes) -> list[Piece]:
    """Return the pieces of a text, also given in UTF-8: as long as may be, as what is around one is scanned twice."""
    borders, step, has_few = [0], LONGEST, _has_few_logins(data)
    while borders[-1] < len(text):
        step = LONGEST if has_few else _step(text, borders[-1], min(LONGEST, 2 * step))
        borders.append(_border(text, borders[-1] + step, step // 4))
    return [_piece(text, *cores) for cores in pairwise(borders)]


def _has_few_logins(data: bytes) -> bool:
    # A single byte is counted far faster than three, and than a character of a text.
    return data.count(b"@") <= MOST_LOGINS or data.count(b"://") <= MOST_LOGINS


def _step(text: str, start: int, most: int) -> int:
    """Return how many characters to scan at once from a place on: fewer, if there are many logins."""
    while most > SHORTEST and min(text.count(one, start, start + most) for one in ("@", "://")) > MOST_LOGINS:
        most //= 2
    return most


def _border(text: str, most: int, window: int) -> int:
    """Return the end of a piece: that of a line if possible, as a token in a line can be longer than the margin."""
    end = text.rfind("\n", most - window, most) + 1
    return end if end and most < len(text) else min(most, len(text))


def _piece(text: str, start: int, end: int) -> Piece:
    first = max(0, start - MARGIN)
    # The second half of a line break alone would count as another line.
    if first and text[first - 1 : first + 1] == "\r\n":
        first += 1
    return Piece(Span(start, end), Span(first, min(end + MARGIN, len(text))))


class LineCount:
    """Counts the line breaks before ascending places of a text, none of which is within a line break."""

    def __init__(self, text: str) -> None:
        self._text, self._done, self._breaks = text, 0, 0

    def before(self, place: int) -> int:
        """Return the number of line breaks before a place."""
        text, part = self._text, (self._done, place)
        self._breaks += text.count("\n", *part)
        if returns := text.count("\r", *part):
            self._breaks += returns - text.count("\r\n", *part)
        self._done = place
        return self._breaks
