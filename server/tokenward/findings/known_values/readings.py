r"""The readings of a text: plain characters, and ones encoded as `%2F`, `\u002f`, `\/` or `&sol;`.

The first sign of an encoding may itself be encoded, as in `%252F` or `\\u002f`, as often as LONGEST allows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, lru_cache
from html.entities import html5

LONGEST = 40
"""The most bytes that a character may take."""
OPENINGS = (b"%", b"&", b"\\", b"+")
"""The signs with which an encoding starts."""

CharacterReading = tuple[int, bytes]
"""The number of bytes, and their meaning."""
_Units = set[CharacterReading]

_HEX = rb"[0-9a-fA-F]"
_END = rb"(?:;|%3[bB]|\\u003[bB])"
_PAIR = re.compile(rb"u([dD][89abAB]%b{2})[\\%%](?:[\\%%]|25|5[cC]){0,7}u([dD][c-fC-F]%b{2})" % (_HEX, _HEX))
"""A character beyond the first 65,536, in UTF-16."""
_AFTER_PERCENT = (_PAIR, re.compile(rb"u(%b{4})|(%b{2})" % (_HEX, _HEX)))
_AFTER_BACKSLASH = (
    _PAIR,
    re.compile(rb"u(%b{4})|u\{(%b{1,6})\}|U(%b{8})|x(%b{2})" % (_HEX, _HEX, _HEX, _HEX)),
)
_OCTAL = re.compile(rb"[0-3]?[0-7]{1,2}")
_LETTERS = dict(zip(b"abtnvfre0", (bytes([code]) for code in b"\a\b\t\n\v\f\r\x1b\0"), strict=True))
_ENTITY = re.compile(
    rb"(?:(?:#|%%23)(?:[xX](%b{1,6})|([0-9]{1,7}))|([A-Za-z][A-Za-z0-9]{1,23}))" % _HEX + _END
)

_CODE = rb"(?:25|26|5[cC])"
_HALF = rb"u[dD][89abAB]%b{2}(?:[\\%%](?:[\\%%]|25?|5[cC]?){0,7})?(?:u(?:[dD](?:[c-fC-F]%b?)?)?)?" % (
    _HEX,
    _HEX,
)
_NAME_MAY_FOLLOW = rb"(?:(?<=&)|(?<=amp;)|(?<=26)|(?<=26[;}])|(?<=38;)|(?<=046))"
UNFINISHED = re.compile(
    rb"[\\%%&](?:[\\%%&]|(?:[xX]|u00|U0{6})?%b|u\{0{0,4}%b\}|045|046|134|(?:amp|percnt|bsol);"
    rb"|#(?:0{0,4}(?:37|38|92)|[xX]0{0,4}%b);)*"
    rb"(?:%b|%b|u%b{0,3}|u\{%b{0,6}|U%b{0,7}|x%b?|[0-7]{1,2}"
    rb"|(?:#|%%2?|%%23)(?:[xX]%b{0,6}|[0-9]{0,7})(?:%%3?|\\u?0{0,2}3?)?"
    rb"|%b[A-Za-z][A-Za-z0-9]{0,23}(?:%%3?|\\u?0{0,2}3?)?)?"
    % (_CODE, _CODE, _CODE, _HALF, *[_HEX] * 6, _NAME_MAY_FOLLOW)
)
"""An encoding of a character that is incomplete or may continue."""


@lru_cache(4096)
def readings(text: bytes) -> tuple[CharacterReading, ...]:
    """Return the possible meanings of the start of a text, up to LONGEST bytes; more bytes never remove one."""

    @cache
    def units(place: int) -> frozenset[CharacterReading]:
        found: _Units = set()
        new = _plain(text, place)
        while new:
            found |= new
            new = {unit for one in new for unit in _decoded(text, place, one, units)} - found
        return frozenset(found)

    return tuple(sorted(units(0)))


def _plain(text: bytes, place: int) -> _Units:
    first = text[place : place + 1]
    if not first:
        return set()
    return {(place + 1, first), (place + 1, b" ")} if first == b"+" else {(place + 1, first)}


def _decoded(
    text: bytes, start: int, unit: CharacterReading, units: Callable[[int], frozenset[CharacterReading]]
) -> Iterator[CharacterReading]:
    """Yield the longer readings that start with a unit."""
    end, meaning = unit
    if meaning == b"%":
        yield from _numbered(_AFTER_PERCENT, text, end)
    elif meaning == b"\\":
        yield from _escaped(text, start, end, units)
    elif meaning == b"&" and (match := _ENTITY.match(text, end)):
        yield from _entity(match)


def _escaped(
    text: bytes, start: int, place: int, units: Callable[[int], frozenset[CharacterReading]]
) -> Iterator[CharacterReading]:
    """Yield the readings of a backslash and the bytes after it; before a sign, it changes nothing."""
    yield from _numbered(_AFTER_BACKSLASH, text, place)
    if place < len(text) and text[place] in _LETTERS:
        yield place + 1, _LETTERS[text[place]]
    if match := _OCTAL.match(text, place):
        for end in range(place + 1, match.end() + 1):
            yield from ((end, meaning) for meaning in _spelled_code(int(text[place:end], 8), is_short=True))
    for end, meaning in units(place):
        if not meaning.isalnum() and (meaning != b"\\" or end - place == place - start):
            yield end, meaning


def _numbered(patterns: Iterable[re.Pattern[bytes]], text: bytes, place: int) -> Iterator[CharacterReading]:
    for match in filter(None, (pattern.match(text, place) for pattern in patterns)):
        digits = [group for group in match.groups() if group]
        code, *more = (int(group, 16) for group in digits)
        if more:
            code = 0x10000 + ((code & 0x3FF) << 10) + (more[0] & 0x3FF)
        for meaning in _spelled_code(code, is_short=len(digits[0]) == 2):
            yield match.end(), meaning


def _entity(match: re.Match[bytes]) -> Iterator[CharacterReading]:
    sixteen, ten, name = match.groups()
    if name:
        text = html5.get(f"{name.decode()};")
        return iter([(match.end(), text.encode())] if text else [])
    code = int(sixteen, 16) if sixteen else int(ten)
    return ((match.end(), meaning) for meaning in _spelled_code(code, is_short=False))


def _spelled_code(code: int, *, is_short: bool) -> Iterator[bytes]:
    """Yield a number as a code point, and as a byte if it has only two digits."""
    if is_short and code >= 0x80:
        yield bytes([code])
    try:
        yield chr(code).encode("utf-8", "surrogateescape")
    except ValueError:  # beyond Unicode, or half of a pair
        return
