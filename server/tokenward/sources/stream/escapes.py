"""A parser of terminals' control characters and escape sequences.

The grammar is that of ECMA-48; the effects are those of xterm ("XTerm Control Sequences").
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

SPECIAL = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]")
"""The end of text: a control other than tab and line feed, in C0 or, in UTF-8, C1."""
TEXT = re.compile(rb"(?:[^\x00-\x08\x0b-\x1f\x7f\xc2]+|\xc2(?![\x80-\x9f])|\r\n)+")
"""Text, including its line ends."""
_COLOUR = re.compile(rb"\x1b\[[0-9;:]{0,192}m")
"""Changes of colour and style, the most frequent controls in a stream."""
_COLOURED = re.compile(rb"(?:[^\x00-\x08\x0b-\x1f\x7f\xc2]+|\xc2(?![\x80-\x9f])|\r\n|\x1b\[[0-9;:]{0,192}m)+")
"""Text with colours in it."""
INVISIBLE = re.compile(rb"(?:\x1b\[[0-9;:]{0,192}m|[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f])+")
"""Any number of controls that change no text."""
HALF_CHARACTER = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})\Z")
"""An incomplete character in UTF-8."""
STRING_END = re.compile(rb"\x07|\x1b\\|\xc2\x9c|[\x18\x1a]|(?=\x1b[^\\])")
"""The end of a string, or a control that aborts it."""

_OTHER_THAN_TEXT = bytes([*range(9), *range(11, 13), *range(14, 32), 127])
_CSI = re.compile(rb"(?:\x1b\[|\xc2\x9b)([\x30-\x3f]*)([\x20-\x2f]*)([\x40-\x7e])")
_CSI_BEGUN = re.compile(rb"(?:\x1b\[|\xc2\x9b)[\x30-\x3f]*[\x20-\x2f]*")
_STRING = re.compile(rb"\x1b[\]PX^_]|\xc2[\x90\x98\x9d-\x9f]")
_ESCAPE = re.compile(rb"\x1b[\x20-\x2f]*([\x30-\x7e])")
_ESCAPE_BEGUN = re.compile(rb"\x1b[\x20-\x2f]*")
_LONGEST_SEQUENCE = 256
_FARTHEST = 1000
"""Columns; no terminal is this wide."""
_PRIVATE = (b"<", b"=", b">", b"?")
_OTHER_SCREEN = re.compile(rb"\?(?:.*;)?(?:47|1047|1049)(?:;.*)?")


class Move(Enum):
    """The effect of a control on the cursor's line."""

    NONE = auto()
    RETURN = auto()
    BACK = auto()
    FORWARD = auto()
    COLUMN = auto()
    ERASE_RIGHT = auto()
    ERASE_LEFT = auto()
    ERASE_LINE = auto()
    ERASE_CHARACTERS = auto()
    DELETE = auto()
    INSERT = auto()
    ROW = auto()
    """The cursor moves to the first column of a row."""
    LEAVE = auto()
    """The cursor moves to another line, or the screen changes its content."""
    STRING = auto()
    """A string for the terminal begins, such as a title or a link."""


class Control(NamedTuple):
    """A control character or sequence.

    Attributes:
        size: in bytes.
        number: the repetitions, or the column or row, counted from 0.
    """

    size: int
    move: Move
    number: int = 1


def is_text(data: bytes) -> bool:
    """Return whether bytes have no controls except tabs and line ends; faster than a regex."""
    if len(data.translate(None, _OTHER_THAN_TEXT)) != len(data):
        return False
    if data.count(b"\r") != data.count(b"\r\n"):
        return False
    return b"\xc2" not in data or SPECIAL.search(data.replace(b"\r\n", b"\n")) is None


def coloured_text(data: bytes, place: int, end: int) -> bytes:
    """Return the coloured text, in whole characters, at the start of some bytes."""
    found = _COLOURED.match(data, place, end)
    if found is None:
        return b""
    half = HALF_CHARACTER.search(data, max(place, found.end() - 3), found.end())
    return data[place : half.start() if half else found.end()]


def texts_between_colours(data: bytes) -> list[tuple[int, int]]:
    """Return where the text is in coloured text: before the first colour, between two, and after the last."""
    borders = [0]
    for colour in _COLOUR.finditer(data):
        borders += colour.span()
    borders.append(len(data))
    return list(zip(borders[::2], borders[1::2], strict=True))


def control_at(data: bytes, at: int) -> Control | None:
    """Parse the control at a place where SPECIAL matches; return None if it may be incomplete."""
    opening = _STRING.match(data, at)
    if opening is not None:
        return Control(opening.end() - at, Move.STRING)
    if data.startswith((b"\x1b[", b"\xc2\x9b"), at):
        whole = _CSI.match(data, at)
        if whole is not None and whole.end() - at <= _LONGEST_SEQUENCE:
            return _what_it_does(whole[1], whole[2], whole[3][0], whole.end() - at)
        return _broken_off(_CSI_BEGUN, data, at)
    if data[at] == 0x1B:
        return _escape(data, at)
    if data[at] == 0xC2:
        return Control(2, Move.LEAVE if data[at + 1] in b"\x84\x85\x8d" else Move.NONE)
    return Control(1, _CHARACTERS.get(data[at], Move.NONE))


def _escape(data: bytes, at: int) -> Control | None:
    whole = _ESCAPE.match(data, at)
    if whole is not None and whole.end() - at <= _LONGEST_SEQUENCE:
        return Control(whole.end() - at, Move.LEAVE if whole[1][0] in _LEAVING_ESCAPES else Move.NONE)
    return _broken_off(_ESCAPE_BEGUN, data, at)


def _broken_off(begun: re.Pattern[bytes], data: bytes, at: int) -> Control | None:
    """Return an aborted sequence, which has no effect; None if it may be incomplete."""
    found = begun.match(data, at)
    size = found.end() - at if found else 1
    if size > _LONGEST_SEQUENCE:
        return Control(_LONGEST_SEQUENCE, Move.NONE)
    return None if at + size == len(data) else Control(size, Move.NONE)


def _what_it_does(parameters: bytes, intermediate: bytes, final: int, size: int) -> Control:
    if final in b"hl":
        return Control(size, Move.LEAVE if _OTHER_SCREEN.fullmatch(parameters) else Move.NONE)
    if intermediate or (parameters.startswith(_PRIVATE) and final not in b"JK"):
        return Control(size, Move.NONE)
    first = parameters.lstrip(b"?").partition(b";")[0]
    number = int(first[:5]) if first.isdigit() else 0
    if final == ord("K"):
        return Control(size, _ERASES.get(number, Move.NONE))
    if final == ord("J"):
        return Control(size, Move.LEAVE if number else Move.ERASE_RIGHT)
    count = min(max(number, 1), _FARTHEST)
    if final in b"Hf" and parameters.partition(b";")[2] in {b"", b"0", b"1"}:
        return Control(size, Move.ROW, count - 1)
    move = _SEQUENCES.get(final, Move.NONE)
    return Control(size, move, count - 1 if move is Move.COLUMN else count)


_CHARACTERS = {0x08: Move.BACK, 0x0B: Move.LEAVE, 0x0C: Move.LEAVE, 0x0D: Move.RETURN}
_LEAVING_ESCAPES = b"DEMc8"
_SEQUENCES = {
    **dict.fromkeys(b"ABEFHLMSTdefru", Move.LEAVE),
    ord("C"): Move.FORWARD,
    ord("a"): Move.FORWARD,
    ord("D"): Move.BACK,
    ord("G"): Move.COLUMN,
    ord("`"): Move.COLUMN,
    ord("P"): Move.DELETE,
    ord("@"): Move.INSERT,
    ord("X"): Move.ERASE_CHARACTERS,
}
_ERASES = {0: Move.ERASE_RIGHT, 1: Move.ERASE_LEFT, 2: Move.ERASE_LINE}
