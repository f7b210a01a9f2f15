"""Joins small texts, because the engine takes longer to begin with a text than to scan a small one.

No rule matches across what is between two texts, except some for texts that are left out; a test checks each rule. So a
text without a match in it has none by itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match

SEPARATOR = b"\n" + b"}{<>[]|;\n" * 8
"""Longer than what the rules with a limit can skip; the others stop at one of these characters."""
_PRIVATE_KEY = re.compile(rb"-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY", re.IGNORECASE)
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


def joined_texts(texts: Iterable[tuple[int, bytes, str]]) -> Iterator[JoinedTexts]:
    """Yield small numbered texts together; others, also those without a line break at the end, are left out."""
    parts: list[bytes] = [SEPARATOR]
    numbers: list[int] = []
    starts: list[int] = []
    end = len(SEPARATOR)
    texts = [*texts]
    # One search in all is quicker than one in each.
    may_reach = _may_reach_another(b"".join([data for _, data, _ in texts]))
    for number, data, _ in texts:
        # The end of a text says something to a rule, but the end of a line says the same.
        if len(data) > _LONGEST or not data.endswith(b"\n") or (may_reach and _may_reach_another(data)):
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


def _may_reach_another(data: bytes) -> bool:
    """Return whether a match may begin in a text and end in another, where it would hide the other's own match."""
    is_key = b"-----" in data and _PRIVATE_KEY.search(data) is not None
    return is_key or b'"client_secret"' in data or b'"private_key"' in data
