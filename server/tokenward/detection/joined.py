"""Joins small texts, because the engine takes longer to begin with a text than to scan a small one.

No rule matches across what is between two texts, except some for texts that are left out; a test checks each rule. So a
text without a match in it has none by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

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
