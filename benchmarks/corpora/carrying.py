"""Helpers of carriers: surrounding lines, and quotes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from corpora.draw import Draw
from corpora.naming import Words

Carrier = Callable[[Draw, Words, str], tuple[str, str]]


def around(draw: Draw, line: str, filler: Sequence[str], most: int = 5) -> str:
    """Return a line among others of its format: first, last or between them."""
    before = draw.some(filler, draw.number(0, most))
    after = draw.some(filler, draw.number(0, most))
    end = "" if draw.chance(0.15) else "\n"
    return "\n".join([*before, line, *after]) + end


def quote(draw: Draw, value: str) -> str:
    mark = draw.one("\"'")
    return f"{mark}{value}{mark}"
