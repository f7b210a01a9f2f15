"""The ranges in the parameters of our own requests and commands."""

from __future__ import annotations

from typing import Any

from lsprotocol import types

from tokenward.errors import TokenwardError

MOST_RANGES = 100


def ranges_of(raw: Any) -> tuple[types.Range, ...]:
    """Return the ranges that parameters name.

    Raises:
        TokenwardError: they are missing, too many, or malformed ones.
    """
    try:
        places = raw["ranges"][: MOST_RANGES + 1]
        ranges = tuple(types.Range(_position(one["start"]), _position(one["end"])) for one in places)
    except (KeyError, TypeError, ValueError):
        ranges = ()
    if not 0 < len(ranges) <= MOST_RANGES:
        raise TokenwardError(f"Name 1 to {MOST_RANGES} ranges of the text.")
    return ranges


def _position(raw: Any) -> types.Position:
    line, character = raw["line"], raw["character"]
    if not (isinstance(line, int) and isinstance(character, int)):
        raise TypeError
    if line < 0 or character < 0:
        raise ValueError
    return types.Position(line, character)
