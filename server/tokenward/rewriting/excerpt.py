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
_LEVELS = 3
"""Of what encloses the lines in a cell: the notebook, its cells, and the cell."""
_CLOSES = re.compile(r"[ \t]*(?:[)\]}]|</|(?:end|fi|done|esac)\b)")
"""The start of a line that closes what a line above it has opened."""


def excerpt(text: str, places: Iterable[range]) -> str | None:
    """Return a text with empty lines for those far from some places; None to read it whole.

    In code as in data, a line is enclosed by those above and below it that are indented less, and by the name of its
    section. A cell of a notebook is kept as a whole, with what follows the cells, such as the language of the code.
    """
    if len(text) < LONG:
        return None
    lines = split_lines(text)
    depths = [*map(_depth, lines)]
    kept = set(range(HEAD))
    for place in places:
        near = range(max(0, place.start - AROUND), min(len(lines), place.stop + AROUND))
        below = _shallower(depths, range(near.stop - 1, len(lines)))
        kept.update(
            near, _shallower(depths, range(near.start, -1, -1)), _of_notebook(lines, depths, place.start)
        )
        kept.update(number for number in below if _CLOSES.match(lines[number]))
    if len(kept) > len(lines) // 2:
        return None
    shown = ["\n"] * (len(lines) - 1) + lines[-1:]
    for number in kept:
        shown[number] = lines[number]
    return "".join(shown)


def _of_notebook(lines: Sequence[str], depths: Sequence[int], place: int) -> Iterator[int]:
    """Yield the numbers of the lines of the cell at a place, and of the settings after all cells."""
    above = [*_shallower(depths, range(place, -1, -1))]
    if len(above) < _LEVELS or not lines[above[-2]].lstrip().startswith('"cells"'):
        return
    cell, cells = above[-_LEVELS], above[-2]
    last = next((number for number in range(place, len(lines)) if depths[number] <= depths[cell]), place)
    yield from range(cell, last + 1)
    end = next((number for number in range(last, len(lines)) if depths[number] <= depths[cells]), len(lines))
    yield from (number for number in range(end, len(lines)) if depths[number] <= depths[cell + 1])


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
