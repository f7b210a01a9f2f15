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

    def get(self, key: int) -> tuple[int | None, str | None]:
        """The stamp and what was kept under it; None for both where there is no entry."""
        place = self._place(key)
        return (None, None) if place is None else (self._stamps[place], self._kept.get(key))

    def is_aging(self, key: int) -> bool:
        """Whether an entry has not been met for some days."""
        place = self._place(key)
        return place is not None and self._seen[place] <= self._old

    def _place(self, key: int) -> int | None:
        place = bisect_left(self._keys, key)
        return place if place < len(self._keys) and self._keys[place] == key else None
