"""Cuts long texts into pieces, and joins small ones.

A scan's memory depends on a piece and not on the text, and the engine takes longer to begin with a text than to scan a
small one.

No rule matches across what is between two texts, except some for texts that are left out; a test checks each rule. So a
text without a match in it has none by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, NamedTuple

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Span

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

SEPARATOR = b"\n" + b"}{<>[]|;\n" * 8
"""Longer than what the rules with a limit can skip; the others stop at one of these characters."""
_REACHING = (
    re.compile(rb"-----(?i:BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY)"),
    re.compile(rb'"(?:client_secret|private_key)"'),
)
"""Where a match may begin in a text and end in another, in which it would hide the other's own match."""
_LONGEST, _MOST = 16_000, 100_000
"""Bytes of one text, and of all."""
LONGEST = 1 << 19
"""The most characters that are scanned at once, without those around them."""
MARGIN = 1 << 14
"""Characters before and after a piece that are scanned with it.

A longer token at a border is missed if it is of several lines, or in a line of more than a quarter of a piece.
"""
_NEAR = 4_000
"""Characters on each side of a place between which a token may be that includes the place."""
MOST_FOUND = 50_000
"""Tokens in a text, also ignored ones, after which the scan stops."""
SHORTEST = 1 << 16
"""The characters that are scanned at once, however many logins they have."""
MOST_LOGINS = 4_000
"""URLs with a login in a text that is scanned at once; the engine takes 20 kB of memory for each."""


class JoinedTexts(NamedTuple):
    """Some texts in one.

    Attributes:
        numbers: of the texts, in order.
        starts: where each begins.
    """

    data: bytes
    numbers: Sequence[int]
    starts: Sequence[int]

    def touched_by(self, match: Match) -> Sequence[int]:
        """Return the numbers of the texts that a match is in."""
        place = match.location
        first = bisect_right(self.starts, place["start_offset"]) - 1
        return self.numbers[max(0, first) : bisect_left(self.starts, place["end_offset"])]


def may_be_joined(data: bytes) -> bool:
    """Return whether a text is small and ends with a line break, which says the same to a rule as the end of a text."""
    return len(data) <= _LONGEST and data.endswith(b"\n")


def joined_texts(texts: Iterable[tuple[int, bytes, str]]) -> Iterator[JoinedTexts]:
    """Yield numbered texts that may be joined together, without those in which a match may reach another."""
    parts: list[bytes] = [SEPARATOR]
    numbers: list[int] = []
    starts: list[int] = []
    end = len(SEPARATOR)
    texts = [*texts]
    reaching = _reaching(texts)
    for number, data, _ in texts:
        if number in reaching:
            continue
        if end + len(data) > _MOST:
            yield JoinedTexts(b"".join(parts), numbers, starts)
            parts, numbers, starts, end = [SEPARATOR], [], [], len(SEPARATOR)
        parts += (data, SEPARATOR)
        numbers.append(number)
        starts.append(end)
        end += len(data) + len(SEPARATOR)
    if len(numbers) > 1:
        yield JoinedTexts(b"".join(parts), numbers, starts)


def _reaching(texts: Sequence[tuple[int, bytes, str]]) -> set[int]:
    """Return the numbers of the texts in which a match may begin and end in another."""
    starts = [*accumulate((len(data) + 1 for _, data, _ in texts), initial=0)]
    # One search in all is quicker than one in each.
    joined = b"\n".join([data for _, data, _ in texts])
    places = (found.start() for one in _REACHING for found in one.finditer(joined))
    return {texts[bisect_right(starts, place) - 1][0] for place in places}


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


def pieces_around(text: str, places: Iterable[int]) -> list[Piece]:
    """Return pieces of a text with all that is near some places, given in order."""
    cores: list[tuple[int, int]] = []
    for place in places:
        start, end = max(0, place - _NEAR), min(len(text), place + _NEAR)
        if cores and start <= (last := cores[-1])[1]:
            if end - last[0] <= SHORTEST:
                cores[-1] = last[0], end
                continue
            start = last[1]
        if start < end:
            cores.append((start, end))
    return [_piece(text, *core) for core in cores]


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
