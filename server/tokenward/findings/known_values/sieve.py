"""Sieve: finds which of many texts may occur in a buffer, faster than by searching each.

Every long enough text has a part at a 32nd byte of the buffer, wherever the text starts. So only these
parts are looked up, and a text is searched for only if one of its own parts is among them.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterator
from typing import Literal

from tokenward.findings.known_values.encodings import ValueSpelling

_Code = Literal["Q", "I"]
_SIZES: dict[_Code, int] = {"Q": 8, "I": 4}
"""The number types of this machine by the bytes of a part."""
_WIDEST = 8
"""The most parts between two lookups."""


class Sieve:
    """Finds the spellings that may occur in a buffer."""

    def __init__(self, spellings: Collection[ValueSpelling]) -> None:
        """Take the spellings, none of which is shorter than 7 bytes."""
        # Two parts less one byte contain a whole part, wherever the first lookup starts.
        long = [spelling for spelling in spellings if len(spelling.content) >= 15]
        short = [spelling for spelling in spellings if len(spelling.content) < 15]
        self._levels = [_Level(long, "Q")] if long else []
        self._levels += [_Level(short, "I")] if short else []

    def candidates(self, buffer: bytes) -> Iterator[ValueSpelling]:
        """Yield every spelling that occurs in a buffer, and perhaps others."""
        for level in self._levels:
            yield from level.candidates(buffer)


class _Level:
    def __init__(self, spellings: Collection[ValueSpelling], code: _Code) -> None:
        self._code = code
        self._size = size = _SIZES[code]
        shortest = min(len(spelling.content) for spelling in spellings)
        # The shortest spelling contains so many whole parts, wherever the first lookup starts.
        self._step = min(_WIDEST, (shortest - size + 1) // size)
        self._owners: dict[int, list[ValueSpelling]] = {}
        for spelling in spellings:
            for start in range(self._step * size):
                part = int.from_bytes(spelling.content[start : start + size], sys.byteorder)
                self._owners.setdefault(part, []).append(spelling)
        self._parts = frozenset(self._owners)

    def candidates(self, buffer: bytes) -> dict[ValueSpelling, None]:
        whole = len(buffer) - len(buffer) % self._size
        parts = memoryview(buffer)[:whole].cast(self._code)[:: self._step]
        if self._parts.isdisjoint(parts):
            return {}
        found = self._parts.intersection(parts)
        return {spelling: None for part in found for spelling in self._owners[part]}
