"""Texts in Base64 within a text, in which the engine looks for tokens too.

The engine decodes a run of its characters with its padding if both are 32 or more, and reads what is ASCII. To look for
such runs takes the engine as long as all the rules, so a text without any is scanned without that.
"""

from __future__ import annotations

import binascii
import re
import string
from collections.abc import Iterator

BASE64_DEPTH = 2
"""Layers of Base64, the most that is decoded."""
_STANDARD = bytes.maketrans(b"-_", b"+/")
_OF_RUNS = (string.ascii_letters + string.digits + "+/_-").encode()
_MARK, _OTHER = b"a", b" "
_MARKS = b"".join(_MARK if code in _OF_RUNS else _OTHER for code in range(256))
_SHORTEST = 30
"""The least characters of a run, without two of padding."""
_BEGINNING = _OTHER + _MARK * _SHORTEST
_ASCII = re.compile(rb"(?:[A-Za-f][A-HQ-Xg-nw-z0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]){7}")
"""The Base64 of 21 bytes of ASCII, which random characters hardly ever are."""


def has_encoded_text(data: bytes) -> bool:
    """Return whether a text may have Base64 that the engine decodes; it seldom says so in vain."""
    marks = data.translate(_MARKS)
    place = len(marks)
    # From the end, the search leaves out the rest of a run as soon as it comes to its beginning.
    while (place := marks.rfind(_BEGINNING, 0, place)) >= 0:
        if _ASCII.match(data, place + 1):
            return True
    return marks.startswith(_MARK * _SHORTEST) and _ASCII.match(data) is not None


def decoded_texts(data: bytes) -> Iterator[bytes]:
    """Yield what Base64 stands for in a text, if the engine reads it, and what it may read."""
    for run in runs(data):
        try:
            plain = _bytes_of(run + b"=" * (-len(run) % 4))
        except binascii.Error:
            continue
        if plain.isascii():
            yield plain


def runs(data: bytes) -> Iterator[bytes]:
    """Yield the runs of the characters of Base64 in a text, without those that are too short."""
    marks = data.translate(_MARKS)
    end = 0
    while (start := marks.find(_MARK * _SHORTEST, end)) >= 0:
        end = marks.find(_OTHER, start)
        end = end if end >= 0 else len(data)
        yield data[start:end]


def _bytes_of(run: bytes) -> bytes:
    return binascii.a2b_base64(run.translate(_STANDARD))
