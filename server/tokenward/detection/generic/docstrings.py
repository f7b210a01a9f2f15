"""Texts in three quotes, which in Python are documentation, or hold samples of another language."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import lru_cache

_THREE_QUOTES = re.compile(r"\"{3}|'{3}")


def is_in_docstring(text: str, place: int) -> bool:
    """Return whether a place in a text of Python is within three quotes."""
    return bool(bisect_left(_edges(text), place) % 2)


@lru_cache(maxsize=1)
def _edges(text: str) -> tuple[int, ...]:
    """Return where such texts begin and end; the other kind of quotes within one is part of it."""
    edges: list[int] = []
    opening = ""
    for quotes in _THREE_QUOTES.finditer(text):
        if not opening or quotes[0] == opening:
            opening = "" if opening else quotes[0]
            edges.append(quotes.start())
    return tuple(edges)
