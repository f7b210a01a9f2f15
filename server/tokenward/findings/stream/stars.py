"""Stars instead of a token's characters, with the same width on a screen and the same lines."""

from __future__ import annotations

import unicodedata

from tokenward.sources.stream.screen_line import CODING

_STAR = "*"


def stars(data: bytes) -> bytes:
    """Replace characters by stars of the same width; line ends and spaces stay."""
    return "".join(map(_stars_of, data.decode(*CODING))).encode(*CODING)


def _stars_of(character: str) -> str:
    if character.isspace():
        return character
    if unicodedata.combining(character):
        return ""
    return _STAR * (2 if unicodedata.east_asian_width(character) in "WF" else 1)
