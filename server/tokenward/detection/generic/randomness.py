"""A measure of randomness: the bits per character that a value costs in a model of words.

`letters.txt`, made by `scripts/generic_letters.py`, has the cost of each letter after every other one, in
tenths of bits; `0` means any digit, `_` any separator. A word costs about 3.9 bits per character, a random
value 6 to 7. Measured on 3,600 files not used for the costs: with the limits below, 0.7% of 64,000 names of 10 to
40 characters count as random, most of them keys. Of random base62, base64, base36 and hex values, 99.0% with 12
characters count as random, 99.7% with 16, and 99.9% with 20.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from operator import sub
from pathlib import Path

_LONGEST = 256
"""The most characters of a value that are measured."""
_ALWAYS, _SHORT = 4.7, 9.0
"""Bits per character that every value must have, and additional bits that it must have in all."""
_DIGIT, _SIGN = 2.0, 3.0
"""Bits that a digit, and a sign that no name contains, cost in addition to their class."""
_SIGNS = re.compile(r"[^A-Za-z0-9_./:\s-]")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_HEX = re.compile(r"(?:0x)?(?:[0-9a-f]{12,}|[0-9A-F]{12,})")
UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_MOST_PREDICTABLE = 0.6
_NEAR, _NEXT = frozenset([-1, 0, 1]), frozenset([-1, 1])
"""How much the codes of characters differ of which one follows from the other."""
_FEWEST_DIGITS_OF_HEX, _FEWEST_KINDS_OF_HEX = 0.15, 6


def is_random(value: str, strictness: float = 0.0) -> bool:
    """Return whether a value costs more bits per character than words do; `strictness` raises the limit."""
    value = value[:_LONGEST]
    if UUID.fullmatch(value):
        value = value.replace("-", "").lower()
    if _is_repeated(value) or _predictable(value) > _MOST_PREDICTABLE:
        return False
    if _HEX.fullmatch(value):
        digits = sum(character.isdigit() for character in value) / len(value)
        return len(set(value)) >= _FEWEST_KINDS_OF_HEX and _FEWEST_DIGITS_OF_HEX < digits < 1
    return bits_a_character(value) > _ALWAYS + _SHORT / len(value) + strictness


def bits_a_character(value: str) -> float:
    """Return the cost of a value in bits per character; a word costs about 4."""
    letters = parted(value)
    costs = _costs()
    bits = sum(map(costs.__getitem__, pairwise("_" + letters))) + _DIGIT * letters.count("0")
    bits += _SIGN * len(_SIGNS.findall(value))
    return bits / max(1, len(value))


def parted(text: str) -> str:
    """Reduce a text to the alphabet of the model: lower case, `0` for digits, `_` between words."""
    return re.sub(r"[^a-z0]", "_", re.sub(r"[0-9]", "0", _HUMP.sub("_", text).lower()))


@cache
def _costs() -> dict[tuple[str, str], float]:
    rows = (Path(__file__).parent / "letters.txt").read_text("ascii").splitlines()
    letters = rows[0].split()
    return {
        (row[0], letter): int(cost) / 10
        for row in rows[1:]
        for letter, cost in zip(letters, row[1:].split(), strict=True)
    }


def _is_repeated(value: str) -> bool:
    """Return whether a value repeats a shorter one."""
    half = len(value) // 2
    # Then its first half is in it again, which is quicker to find out.
    return value.find(value[: len(value) - half], 1) >= 0 and any(
        value[step:] == value[:-step] for step in range(1, half + 1)
    )


def _predictable(value: str) -> float:
    """Return the share of characters that follow from one of the two before: `abc`, `321`, `aaa`, `a1b2c3`."""
    codes = [*map(ord, value.lower())]
    near = sum(map(_NEAR.__contains__, map(sub, codes, codes[1:])))
    skipping = sum(map(_NEXT.__contains__, map(sub, codes, codes[2:])))
    return max(near / max(1, len(codes) - 1), skipping / max(1, len(codes) - 2))
