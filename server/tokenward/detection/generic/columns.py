"""Secrets below their names: columns of CSV, and `VALUES` after the columns of an `INSERT`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tokenward.detection.generic.assignment import NamedValue
from tokenward.model import Span

_INSERT = re.compile(r"insert\s+into\s[^(]*\(([^()]*)\)\s*values\s*", re.IGNORECASE)
_OPENING, _CLOSING = re.compile(r"\s*\(\s*"), re.compile(r"\)\s*,?")
# Nothing that was read is tried in another way, which takes quadratic time in texts made for it.
_CELL_OF_SQL = re.compile(
    r"(?:N?'((?:[^'\\]|\\.|'')*+)'|\"((?:[^\"\\]|\\.)*+)\"|((?:[^,'\"()]|\([^()]*+\))*+))\s*+(?:,\s*+|(?=(\))))"
)
_CELL = {
    mark: re.compile(rf'[ ]*+(?:"((?:[^"]|"")*+)"|()([^{mark}"\r\n]*+))[ ]*+(?:{re.escape(mark)}|(\r?\n|\Z))')
    for mark in (",", ";", "\t", "|")
}
_MOST_ROWS = 2_000


def values_below(text: str, match: Span) -> Iterator[NamedValue]:
    """Yield the values of each column of a match, which is a list of columns with the rows that follow."""
    if columns := _INSERT.match(text, match.start):
        names = [name.strip('`"[] \n\r\t') for name in columns[1].split(",")]
        place = columns.end()
        for _ in range(_MOST_ROWS):
            opening = _OPENING.match(text, place)
            cells, place = _row(text, opening.end(), names, _CELL_OF_SQL) if opening else ([], place)
            closing = _CLOSING.match(text, place)
            if not cells or closing is None:
                return
            yield from cells
            place = closing.end()
        return
    start = text.rfind("\n", 0, match.start) + 1
    header = text[start : match.end].partition("\n")[0].rstrip("\r")
    mark = max(_CELL, key=header.count)
    if mark not in header:
        return
    if header.lstrip().startswith("|") and text.count("\n", match.start, match.end) == 1:
        return
    names = [name.strip("\"' ") for name in header.split(mark)]
    place = match.end
    for _ in range(_MOST_ROWS):
        cells, end = _row(text, place, names, _CELL[mark])
        # The rows below a repeated header are read for that.
        if not cells or text.startswith(header, place):
            return
        place = end
        yield from cells


def _row(text: str, place: int, names: list[str], cell: re.Pattern[str]) -> tuple[list[NamedValue], int]:
    """Return the values of a row, and where it ends; none if it has more or fewer than there are names."""
    cells: list[NamedValue] = []
    while len(cells) < len(names) and place < len(text) and (found := cell.match(text, place)):
        group = 1 if found[1] is not None else 2 if found[2] else 3
        value = found[group] if group < 3 else found[group].rstrip()
        marked = value.strip("`*") or value
        start = found.start(group) + value.index(marked)
        value = marked
        cells.append(NamedValue(names[len(cells)], ",", Span(start, start + len(value)), quoted=True))
        place = found.end()
        if found[4] is not None:
            return (cells if len(cells) == len(names) else []), place
    return [], place
