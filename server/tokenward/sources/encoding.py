"""Detection of a text file's encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from typing import NamedTuple


class Coding(NamedTuple):
    """The encoding of a text.

    Attributes:
        codec: the codec of its characters.
        mark: the byte order mark before them, which is not part of the text.
    """

    codec: str = "utf-8"
    mark: bytes = b""

    def size(self, text: str) -> int:
        """Return the number of bytes of a piece of the text, without the mark."""
        return len(text.encode(self.codec, self.errors))

    @property
    def errors(self) -> str:
        """Return the error handler that keeps undecodable bytes, or replaces them with as many others."""
        return {1: "surrogateescape", 2: "surrogatepass", 4: "replace"}[self.unit]

    @property
    def unit(self) -> int:
        """Return the number of bytes of the shortest character."""
        return int(self.codec.split("-")[1]) // 8


UTF8 = Coding()
"""UTF-8 without a mark, which is also used for text in no valid encoding."""
# The longer mark first, because it starts with the shorter one.
_WIDE = (
    Coding("utf-32-le", codecs.BOM_UTF32_LE),
    Coding("utf-32-be", codecs.BOM_UTF32_BE),
    Coding("utf-16-le", codecs.BOM_UTF16_LE),
    Coding("utf-16-be", codecs.BOM_UTF16_BE),
)
WIDE_MARKS = tuple(coding.mark for coding in _WIDE)
"""The marks of encodings in which text contains NULs."""


_PIECE = 65_536
"""Bytes that are checked together; pieces of this size stay in the processor's cache."""


def is_plain(data: bytes) -> bool:
    """Return whether bytes are UTF-8 without a mark, and so need no conversion."""
    if data.isascii():
        return True
    if data.startswith(codecs.BOM_UTF8):
        return False
    place = 0
    try:
        while piece := data[place : place + _PIECE]:
            is_last = place + len(piece) == len(data)
            # Most pieces are ASCII, which is checked without decoding them.
            place += len(piece) if piece.isascii() else codecs.utf_8_decode(piece, "strict", is_last)[1]
    except UnicodeDecodeError:
        return False
    return True


def decoded(data: bytes) -> tuple[str, Coding]:
    """Decode a file's text in its most likely encoding; return that too."""
    return next(readings(data))


def readings(data: bytes) -> Iterator[tuple[str, Coding]]:
    """Yield the readings of a file's bytes, the most likely first; several if programs may disagree.

    A byte that is not UTF-8 becomes a lone surrogate, so that offsets stay right. An incomplete wide character at
    the end is not part of the text.
    """
    wide = list(_wide(data))
    if not wide:
        yield _plain(data)
    elif not _ASCII_RUN.search(data):
        yield from wide
    # Somebody may have added a mark and a NUL to make ASCII unreadable.
    elif _WIDE_RUN.search(data):
        yield from (*wide, _plain(data))
    else:
        yield from (_plain(data), *wide)


_ASCII_RUN = re.compile(rb"[\s -~]{8}")
_WIDE_RUN = re.compile(rb"(?:[\s -~]\0){8}|(?:[\s -~]\0\0\0){8}")
_WIDEST_RUN = re.compile(rb"(?:[\s -~]\0\0\0){8}")


def _plain(data: bytes) -> tuple[str, Coding]:
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return data[len(mark) :].decode("utf-8", "surrogateescape"), Coding("utf-8", mark)


def _wide(data: bytes) -> Iterator[tuple[str, Coding]]:
    for coding in _WIDE:
        if not data.startswith(coding.mark):
            continue
        rest = data[len(coding.mark) :]
        if b"\0" not in rest:
            continue
        whole = rest[: len(rest) - len(rest) % coding.unit]
        is_sound = coding.unit < 4 or _is_sound(whole, coding)
        # The mark may be of another encoding, or somebody may have inserted invalid characters to make text unreadable.
        if is_sound or _WIDEST_RUN.search(whole):
            yield whole.decode(coding.codec, coding.errors), coding
        if is_sound:
            return


def _is_sound(data: bytes, coding: Coding) -> bool:
    try:
        data.decode(coding.codec)
    except UnicodeDecodeError:
        return False
    return True
