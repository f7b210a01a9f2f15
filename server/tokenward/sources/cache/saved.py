"""What the cache's file holds, in memory."""

from __future__ import annotations

from array import array
from bisect import bisect_left


class Saved:
    """What the file holds, in a fifth of what dictionaries take: files come and go, and their entries stay."""

    def __init__(self, old: int) -> None:
        """Begin without entries; those last met on a day up to `old` are aging."""
        self._keys, self._stamps, self._seen = array("q"), array("q"), array("q")
        self._kept: dict[int, str] = {}
        self._old = old

    def add(self, key: int, stamp: int, seen: int, kept: str | None) -> None:
        """Add an entry whose key is greater than all before."""
        for numbers, number in ((self._keys, key), (self._stamps, stamp), (self._seen, seen)):
            numbers.append(number)
        if kept:
            self._kept[key] = kept

    def get(self, key: int) -> tuple[int | None, str | None, bool]:
        """The stamp, None where there is no entry; what was kept under it; and whether the entry is aging."""
        place = bisect_left(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            return None, None, False
        return self._stamps[place], self._kept.get(key), self._seen[place] <= self._old
