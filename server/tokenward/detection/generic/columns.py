"""Secrets below their names: columns of CSV, and `VALUES` after the columns of an `INSERT`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tokenward.detection.generic.assignment import NamedValue
from tokenward.model import Span

_INSERT = re.compile(r"insert\s+into\s[^(]*\(([^()]*)\)\s*values\s*", re.IGNORECASE)
_ROW = re.compile(r"\(((?:'(?:[^'\\]|\\.|'')*'|\"(?:[^\"\\]|\\.)*\"|[^()'\"]|\([^()]*\))*)\)\s*,?\s*")
_CELL_OF_SQL = re.compile(r"\s*(?:N?'((?:[^'\\]|\\.|'')*)'|\"((?:[^\"\\]|\\.)*)\"|([^,'\"]*))\s*(?:,|\Z)")
_CELL = {
    mark: re.compile(rf'\s*(?:"((?:[^"]|"")*)"|([^{mark}"\r\n]*))(?:{mark}|\r?\Z)')
    for mark in (",", ";", "\t", "|")
}
_MOST_ROWS = 2_000


def values_below(text: str, match: Span) -> Iterator[NamedValue]:
    """Yield the values of each column of a match, which is a list of columns with the rows that follow."""
    if columns := _INSERT.match(text, match.start):
        names = [name.strip('`"[] \n\r\t') for name in columns[1].split(",")]
        yield from _below(text, names, _rows_of_sql(text, columns.end()), _CELL_OF_SQL)
        return
    start = text.rfind("\n", 0, match.start) + 1
    end = _line_end(text, start)
    header = text[start:end]
    mark = max(_CELL, key=header.count)
    names = [name.strip("\"' \r") for name in header.split(mark)]
    yield from _below(text, names, _lines(text, end + 1), _CELL[mark])


def _below(text: str, names: list[str], rows: Iterator[Span], cell: re.Pattern[str]) -> Iterator[NamedValue]:
    for row, _ in zip(rows, range(_MOST_ROWS), strict=False):
        place = row.start
        cells: list[NamedValue] = []
        while place < row.end and len(cells) < len(names) and (found := cell.match(text, place, row.end)):
            group = next(
                (index for index in range(1, (found.lastindex or 0) + 1) if found[index] is not None), 0
            )
            cells.append(NamedValue(names[len(cells)], ",", Span(*found.span(group)), quoted=True))
            place = max(found.end(), place + 1)
        if len(cells) == len(names):
            yield from cells


def _rows_of_sql(text: str, place: int) -> Iterator[Span]:
    while row := _ROW.match(text, place):
        yield Span(*row.span(1))
        place = row.end()


def _lines(text: str, place: int) -> Iterator[Span]:
    while place < len(text):
        end = _line_end(text, place)
        yield Span(place, end)
        place = end + 1


def _line_end(text: str, place: int) -> int:
    end = text.find("\n", place)
    return len(text) if end < 0 else end
