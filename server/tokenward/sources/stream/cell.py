"""A character on a terminal's screen, and where in a stream it was printed."""

from __future__ import annotations

from typing import NamedTuple

CODING = ("utf-8", "surrogateescape")
"""The codec for streams: bytes that are not UTF-8 become lone surrogates, and vice versa."""


class Cell(NamedTuple):
    """A character on the screen.

    Attributes:
        character: the visible character.
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
