r"""The readings of a text: plain characters, and ones escaped for URLs (`%2F`) or for JSON (`\u002f`, `\/`)."""

from __future__ import annotations

import re
from functools import lru_cache

LONGEST = 12
"""The most bytes that a character may take."""
OPENINGS = (b"%", b"\\", b"+")
"""The signs with which an escape starts."""

CharacterReading = tuple[int, bytes]
"""The number of bytes, and their meaning."""

_HEX = rb"[0-9a-fA-F]"
_LETTERS = dict(zip(b"bfnrt", b"\b\f\n\r\t", strict=True))
_ESCAPE = re.compile(
    rb"%%(?P<byte>%b{2})|\\u(?P<high>[dD][89abAB]%b{2})\\u(?P<low>[dD][c-fC-F]%b{2})|\\u(?P<code>%b{4})"
    rb"|\\(?P<letter>[bfnrt])|\\(?P<sign>[^0-9A-Za-z])" % (_HEX, _HEX, _HEX, _HEX),
    re.DOTALL,
)
UNFINISHED = re.compile(
    rb"%%%b?|\\(?:u(?:%b{0,3}|[dD][89abAB]%b{2}(?:\\(?:u(?:[dD](?:[c-fC-F]%b?)?)?)?)?)?)?"
    % (_HEX, _HEX, _HEX, _HEX)
)
"""An escape that is incomplete, or may be half of a longer one."""


@lru_cache(4096)
def readings(text: bytes) -> tuple[CharacterReading, ...]:
    """Return the possible meanings of the start of a text, up to LONGEST bytes; more bytes never remove one."""
    first = text[:1]
    found = [(1, first)] if first else []
    if first == b"+":
        found.append((1, b" "))
    if (match := _ESCAPE.match(text)) and (meaning := _meaning(match)):
        found.append((match.end(), meaning))
    return tuple(found)


def _meaning(match: re.Match[bytes]) -> bytes:
    """Return what an escape means; nothing for half of a pair of UTF-16."""
    if match["byte"]:
        return bytes.fromhex(match["byte"].decode())
    if match["letter"]:
        return bytes([_LETTERS[match["letter"][0]]])
    if match["sign"]:
        return match["sign"]
    pair = match["code"] or match["high"] + match["low"]
    return bytes.fromhex(pair.decode()).decode("utf-16-be", "ignore").encode()
