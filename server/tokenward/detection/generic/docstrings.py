"""Texts in three quotes, which in Python are documentation, or hold samples of another language."""

from __future__ import annotations

from bisect import bisect_left
from functools import lru_cache

_THREE_QUOTES = ('"""', "'''")


def is_in_docstring(text: str, place: int) -> bool:
    """Return whether a place in a text of Python is within three quotes."""
    return bool(bisect_left(_edges(text), place) % 2)


@lru_cache(maxsize=1)
def _edges(text: str) -> tuple[int, ...]:
    """Return where such texts begin and end; the other kind of quotes within one is part of it."""
    edges: list[int] = []
    nexts = {quotes: text.find(quotes) for quotes in _THREE_QUOTES}
    while found := [(place, quotes) for quotes, place in nexts.items() if place >= 0]:
        start, quotes = min(found)
        end = text.find(quotes, start + 3)
        edges += (start, end) if end >= 0 else (start,)
        after = end + 3 if end >= 0 else len(text)
        nexts = {one: text.find(one, after) if 0 <= place < after else place for one, place in nexts.items()}
    return tuple(edges)
