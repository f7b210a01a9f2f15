"""How the bytes of a file hold its text."""

from __future__ import annotations

import codecs
import contextlib
from typing import NamedTuple


class Coding(NamedTuple):
    """How a text is written as bytes.

    Attributes:
        codec: what its characters are encoded by.
        mark: the byte order mark before them, which is no part of the text.
    """

    codec: str = "utf-8"
    mark: bytes = b""

    def size(self, text: str) -> int:
        """The bytes that a piece of the text takes, the mark not counted."""
        errors = "surrogateescape" if self.codec == "utf-8" else "strict"
        return len(text.encode(self.codec, errors))


UTF8 = Coding()
"""UTF-8 without a mark, which is also how a text is read that is in no encoding at all."""
# The longer mark first, because the shorter one begins it.
_WIDE = (
    Coding("utf-32-le", codecs.BOM_UTF32_LE),
    Coding("utf-32-be", codecs.BOM_UTF32_BE),
    Coding("utf-16-le", codecs.BOM_UTF16_LE),
    Coding("utf-16-be", codecs.BOM_UTF16_BE),
)
WIDE_MARKS = tuple(coding.mark for coding in _WIDE)
"""What a text begins with that has NULs in it and is text nevertheless."""


def decoded(data: bytes) -> tuple[str, Coding]:
    """A file's text and its coding; a byte that is no UTF-8 is a lone surrogate, so that offsets can be told."""
    for coding in _WIDE:
        # A mark alone may have been put there to make ASCII unreadable.
        if data.startswith(coding.mark) and b"\0" in data[len(coding.mark) :]:
            with contextlib.suppress(UnicodeDecodeError):
                return data[len(coding.mark) :].decode(coding.codec), coding
    mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    return data[len(mark) :].decode("utf-8", "surrogateescape"), Coding("utf-8", mark)
