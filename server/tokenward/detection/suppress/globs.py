"""Paths with wildcards, matched in time proportional to pattern times path, whatever the pattern."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

_Item = TypeVar("_Item")


def matches_glob(pattern: str, path: str) -> bool:
    """Whether a path fits: `*` is any part of a name, `**` any number of folders; case counts."""
    return _matches(pattern.split("/"), path.split("/"), "**", _name_matches)


def _name_matches(pattern: str, name: str) -> bool:
    return _matches(pattern, name, "*", lambda wanted, character: wanted == character)


def _matches(
    pattern: Sequence[_Item], items: Sequence[_Item], star: _Item, fits: Callable[[_Item, _Item], bool]
) -> bool:
    # On a mismatch only the latest star takes one more item: an earlier one could gain nothing by it.
    place = item = 0
    resume: tuple[int, int] | None = None
    while item < len(items):
        if place < len(pattern) and pattern[place] == star:
            resume = (place + 1, item)
            place += 1
        elif place < len(pattern) and fits(pattern[place], items[item]):
            place, item = place + 1, item + 1
        elif resume is not None:
            resume = (resume[0], resume[1] + 1)
            place, item = resume
        else:
            return False
    return all(rest == star for rest in pattern[place:])
