"""A line of a terminal while programs rewrite it: carriage returns, backspaces, erasures, insertions."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from copy import copy
from operator import attrgetter
from typing import NamedTuple

from tokenward.sources.stream.escapes import Move

CODING = ("utf-8", "surrogateescape")
"""The codec for streams: bytes that are not UTF-8 become lone surrogates, and vice versa."""
LONGEST = 16_384
"""The most characters of a line that a program rewrites."""
_AROUND = 64
"""Characters that are shown around an overwritten part."""
_FIRST_CREDIT, _CREDIT = 4096, 16
"""Characters of a line that may be shown at first, and additionally for each printed one: programs rewrite one
character a million times, and would otherwise make us show more than they printed."""
_MOST_PRINTS = 8
"""How often a character is printed over itself before the line is shown."""


class Cell(NamedTuple):
    """A character on the screen.

    Attributes:
        prints: where in the stream it was printed, each as first byte and one past the last; several if it was
        printed over itself, as in old bold text, and none if the terminal filled the cell.
    """

    character: str
    prints: tuple[tuple[int, int], ...] = ()


def cells_of(data: bytes, start: int) -> list[Cell]:
    """Return the characters of bytes that start at a place in the stream."""
    if data.isascii():
        return [Cell(chr(byte), ((at, at + 1),)) for at, byte in enumerate(data, start)]
    cells = []
    for character in data.decode(*CODING):
        end = start + len(character.encode(*CODING))
        cells.append(Cell(character, ((start, end),)))
        start = end
    return cells


_place = attrgetter("at")


class Run(NamedTuple):
    """A piece of text and its place in the stream.

    Attributes:
        at: its first character's offset in the text.
        length: in characters.
        start: its first byte's offset in the stream.
        end: one past its last byte; in between are the characters in UTF-8, and nothing else.
    """

    at: int
    length: int
    start: int
    end: int


new_run = tuple.__new__
"""Creates a run in half the time, because there may be many."""


def places_before(characters: str, end: int) -> Iterator[tuple[int, int]]:
    """Yield where each character is in the stream, from where the last one ends."""
    sizes = [1] * len(characters) if characters.isascii() else [len(c.encode(*CODING)) for c in characters]
    place = end - sum(sizes)
    for size in sizes:
        yield place, place + size
        place += size


def runs_in(runs: Sequence[Run], first: int, last: int, text: str) -> list[Run]:
    """Return the parts of runs that lie within a span of their text."""
    index = bisect_right(runs, first, key=_place) - 1
    while index > 0 and runs[index - 1].at + runs[index - 1].length > first:
        index -= 1
    if index < 0 or (index < len(runs) and runs[index].at + runs[index].length <= first):
        index += 1
    within = list(runs[index : bisect_left(runs, last, key=_place)])
    # All but the outermost are completely within it.
    for edge in {0, len(within) - 1} if within else ():
        run = within[edge]
        within[edge] = _part_of(run, max(run.at, first), min(run.at + run.length, last), text)
    return within


def _part_of(run: Run, start: int, end: int, text: str) -> Run:
    if (start, end) == (run.at, run.at + run.length):
        return run
    if run.end - run.start == run.length:
        return Run(start, end - start, run.start + start - run.at, run.start + end - run.at)
    first = run.start + len(text[run.at : start].encode(*CODING))
    return Run(start, end - start, first, first + len(text[start:end].encode(*CODING)))


_BLANK = Cell(" ")
_WIDEST = 1000
"""Columns assumed for a terminal of unknown width, beyond which the cursor cannot move."""


class ScreenLine:
    """The cells of a line and its cursor. Overwritten text is yielded first, so that it is not lost."""

    def __init__(self, cells: Iterable[Cell] = (), columns: int = 0) -> None:
        """Take the text of the line, with the cursor after it, and the terminal's width, 0 if unknown."""
        self.cells = list(cells)
        self._written: list[Cell] = []
        """Cells written at the cursor and not yet committed to the line."""
        self._columns = columns
        self._cursor = len(self.cells)
        self._unshown, self._printed = (0, len(self.cells)), len(self.cells)
        self.oldest = self._first_print()
        """A byte of the stream such that all characters of the line came from there or later."""
        self._credit = _FIRST_CREDIT

    @property
    def room(self) -> int:
        """Return how many more characters can be written."""
        return 0 if len(self.cells) >= LONGEST else max(0, LONGEST - self.cursor)

    @property
    def cursor(self) -> int:
        """Return the position of the next character in the line."""
        return self._cursor + len(self._written)

    def is_older_than(self, place: int) -> bool:
        """Return whether a character may have come from before a byte."""
        return self.oldest is not None and self.oldest < place

    def forget_prints(self, place: int) -> None:
        """Forget which characters came from before a byte, after the line was shown."""
        self.cells = [
            Cell(cell.character, tuple(piece for piece in cell.prints if piece[0] >= place))
            for cell in self.cells
        ]
        self._unshown, self._printed = (0, 0), 0
        self.oldest = self._first_print()

    def go_on(self) -> None:
        """Continue the line in another row."""
        self._cursor = len(self.cells)

    def lines(self) -> Iterator[Sequence[Cell]]:
        """Yield the overwritten text and the line itself, as if nothing more arrived."""
        twin = copy(self)
        twin.cells = list(self.cells)
        yield from twin.settle()
        yield twin.cells

    def _first_print(self) -> int | None:
        return min((start for cell in self.cells for start, _ in cell.prints), default=None)

    def write(self, cells: Sequence[Cell]) -> None:
        """Write characters at the cursor."""
        if self.oldest is None and cells:
            self.oldest = cells[0].prints[0][0]
        self._written += cells

    def settle(self) -> Iterator[Sequence[Cell]]:
        """Commit written cells to the line; yield the text that they overwrite first."""
        if not self._written:
            return
        written, self._written = self._written, []
        start, end = self._cursor, self._cursor + len(written)
        before = self.cells[start:end]
        # Cells of the same text can represent both prints.
        is_printed_again = all(
            old.character == new.character and len(old.prints) < _MOST_PRINTS
            for old, new in zip(before, written, strict=False)
        )
        if is_printed_again:
            both = zip(before, written, strict=False)
            again = [Cell(old.character, (*old.prints, *new.prints)) for old, new in both]
            written = [*again, *written[len(again) :]]
        elif before:
            yield from self._overwritten(start, start + len(before))
        yield from self._printed_at(start, end)
        self.cells.extend([_BLANK] * (start - len(self.cells)))
        self.cells[start:end] = written
        self._cursor = end

    def apply(self, move: Move, count: int) -> Iterator[Sequence[Cell]]:
        """Move the cursor or the cells; yield the text that this overwrites first."""
        yield from self.settle()
        place, end = self._cursor, len(self.cells)
        if move is Move.RETURN:
            self._cursor = self._row_start()
        elif move is Move.BACK:
            self._cursor = max(0, place - count)
        elif move is Move.FORWARD:
            self._cursor = min(place + count, max(place, self._row_end()), LONGEST)
        elif move is Move.COLUMN:
            self._cursor = min(self._row_start() + count, self._row_end(), LONGEST)
        elif move is Move.ERASE_RIGHT:
            yield from self._erase(place, end)
        elif move is Move.ERASE_LEFT:
            yield from self._erase(0, place + 1)
        elif move is Move.ERASE_LINE:
            yield from self._erase(0, end)
        elif move is Move.ERASE_CHARACTERS:
            yield from self._erase(place, place + count)
        elif move is Move.DELETE:
            yield from self._overwritten(place, end)
            del self.cells[place : place + count]
        elif move is Move.INSERT:
            yield from self._overwritten(place, end)
            self.cells[place:place] = [_BLANK] * min(count, LONGEST - end) if place < end else []

    def _row_start(self) -> int:
        """Return the start of the cursor's row; after the last column, the cursor is still in the row before."""
        if not self._columns or not self._cursor:
            return 0
        return (self._cursor - 1) // self._columns * self._columns

    def _row_end(self) -> int:
        return self._row_start() + (self._columns or _WIDEST) - 1

    def _erase(self, start: int, end: int) -> Iterator[Sequence[Cell]]:
        end = min(end, len(self.cells))
        if start < end:
            yield from self._overwritten(start, end)
            if end == len(self.cells):
                del self.cells[start:]
            else:
                self.cells[start:end] = [_BLANK] * (end - start)

    def _printed_at(self, start: int, end: int) -> Iterator[Sequence[Cell]]:
        """Note printed cells; unshown cells stay one range, so that a stream does not multiply itself."""
        first, last = self._unshown
        if self._printed and (end < first - _AROUND or last + _AROUND < start):
            yield from self._overwritten(first, last)
        first, last = self._unshown if self._printed else (start, end)
        self._unshown = (min(first, start), max(last, end))
        self._printed += end - start
        self._credit += (end - start) * _CREDIT

    def _overwritten(self, start: int, end: int) -> Iterator[Sequence[Cell]]:
        """Yield printed but unshown text, with its surroundings."""
        first, last = self._unshown
        if self._printed and start < last + _AROUND and first - _AROUND < end:
            shown = self.cells[max(0, first - _AROUND) : last + _AROUND]
            if len(shown) <= self._credit:
                self._credit -= len(shown)
                self._unshown, self._printed = (0, 0), 0
                yield shown
