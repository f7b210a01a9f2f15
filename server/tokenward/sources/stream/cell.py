"""A character on a terminal's screen, and where in a stream it, or a run of them, was printed."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import attrgetter
from typing import NamedTuple

CODING = ("utf-8", "surrogateescape")
"""The codec for streams: bytes that are not UTF-8 become lone surrogates, and vice versa."""


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
