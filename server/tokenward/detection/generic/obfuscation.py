"""Decoders of passwords that are obfuscated and not encrypted: Jetty's `OBF:`, and type 7 of Cisco's devices."""

from __future__ import annotations

import re

_OBFUSCATED = re.compile(r"OBF:((?:U[0-9a-z]{4}|[0-9a-z]{4}){1,100})")
_TYPE_7 = re.compile(r"(?:[0-4][0-9]|5[0-2])(?:[0-9A-Fa-f]{2})+")
_KEY_OF_TYPE_7 = b"dsfd;kfoA,.iyewrkldJKDHSUBsgvca69834ncxv9873254k;fg87"
_PAIR, _OFFSET, _BYTE = 4, 254, 2**8


def plain_of(value: str) -> str:
    """Return the plain text of a password that Jetty obfuscated; any other value unchanged."""
    found = _OBFUSCATED.fullmatch(value)
    if found is None:
        return value
    content = bytearray()
    rest = found[1]
    while rest:
        is_single = rest[0] == "U"
        number = int(rest[is_single : is_single + _PAIR], 36)
        high, low = divmod(number, _BYTE)
        content.append((high if is_single else (high + low - _OFFSET) >> 1) % _BYTE)
        rest = rest[is_single + _PAIR :]
    return content.decode("latin-1")


def plain_of_type_7(value: str) -> str:
    """Return the plain text of a password that Cisco's devices show as type 7; any other value unchanged."""
    if not _TYPE_7.fullmatch(value):
        return value
    start = int(value[:2])
    pairs = enumerate(bytes.fromhex(value[2:]), start)
    text = bytes(one ^ _KEY_OF_TYPE_7[place % len(_KEY_OF_TYPE_7)] for place, one in pairs).decode("latin-1")
    return text if text.isascii() and text.isprintable() else value
