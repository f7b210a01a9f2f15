"""excerpt: a long text with only the lines around some places, and those that enclose them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tokenward.text import split_lines

LONG = 20_000
"""The characters from which it costs less to read only an excerpt."""
HEAD = 50
"""The first lines, which are kept for their imports."""
AROUND = 12
_OF_BLANK = 1_000_000
"""Deeper than any other line, so that an empty one encloses nothing."""
_CLOSES = re.compile(r"[ \t]*(?:[)\]}]|</|(?:end|fi|done|esac)\b)")
"""The start of a line that closes what a line above it has opened."""


def excerpt(text: str, places: Iterable[range]) -> str | None:
    """Return a text with empty lines for those far from some places; None to read it whole.

    In code as in data, a line is enclosed by those above and below it that are indented less, and by the name of its
    section.
    """
    if len(text) < LONG:
        return None
    lines = split_lines(text)
    depths = [*map(_depth, lines)]
    kept = set(range(HEAD))
    for place in places:
        near = range(max(0, place.start - AROUND), min(len(lines), place.stop + AROUND))
        below = _shallower(depths, range(near.stop - 1, len(lines)))
        kept.update(near, _shallower(depths, range(near.start, -1, -1)))
        kept.update(number for number in below if _CLOSES.match(lines[number]))
    if len(kept) > len(lines) // 2:
        return None
    shown = ["\n"] * (len(lines) - 1) + lines[-1:]
    for number in kept:
        shown[number] = lines[number]
    return "".join(shown)


def _depth(line: str) -> int:
    """Return the indentation of a line, which of a section's name is less than that of all others."""
    content = line.lstrip(" \t")
    if line.startswith("["):
        return -1
    return _OF_BLANK if content in {"", "\n", "\r\n", "\r"} else len(line) - len(content)


def _shallower(depths: Sequence[int], numbers: Iterable[int]) -> Iterator[int]:
    """Yield the numbers of the lines that are indented less than all before them."""
    least: int | None = None
    for number in numbers:
        if least is None or depths[number] < least:
            if least is not None:
                yield number
            least = depths[number]
        if least < 0:
            return
