"""Parts of known values, and tokens in Base64 or hexadecimal."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from itertools import chain

from tokenward.findings.known_values.encodings import FEWEST_UNKNOWN

HIDDEN = "[a token in another encoding]"
_RANDOM = re.compile(r"[a-z]+[0-9]+[a-z]", re.IGNORECASE)
"""A part has to match this: words, as in addresses, are not searched for by themselves."""
_LONGEST = 200
"""The most characters of a value with parts: keys and certificates share theirs."""
_PLAIN = re.compile(r"[0-9A-Za-z_.+/=~-]+")
"""Values with parts; others, such as URLs, hold much that is known."""
_PUBLIC = re.compile(r"[^0-9A-Za-z]+|T3BlbkFJ|^51[0-9A-Za-z]{20}|^AgE[0-9A-Za-z]{25}")
"""What is not random in a token: separators, OpenAI's mark, Stripe's account, PyPI's site."""
_COLUMN = re.compile(r"(?m)(^[0-9a-fA-F]{6,16}: .*?) {2}.+$")
_OFFSETS = re.compile(r"(?m)^[0-9a-fA-F]{6,16}:?(?=[ \t])|\|.{1,16}\|$")
"""The plain text and the offsets of a dump, by `xxd` and others."""
_HEX = re.compile(r"(?<!\w)(?:[0-9a-fA-F]{2}\s{0,80}){20,}(?!\w)", re.ASCII)
_BASE64 = re.compile(r"(?<![\w+/])(?:(?:[A-Za-z0-9+/]{60,}\n)+[A-Za-z0-9+/]+|[A-Za-z0-9+/]{16,})={0,2}")
Finds = Callable[[str], bool]
Needles = Mapping[str, Mapping[str, str]]
"""What is searched for, by its first characters, each with the value of which it is a part; empty for a whole one."""
_FEWEST_SIGNS = 4
"""Values of no more different letters and digits than these are not searched for."""


def hide_disguised(text: str, values: Needles, finds: Finds, count: Callable[[str], object]) -> str:
    """Return a text without the lines that show a part of a value or an encoded token; the same text if none does.

    A line is hidden as a whole, because it may show the value in another column too. The text shows no value as it is
    or in an encoding. `finds` says whether a decoded text has a token; `count` receives each value seen only in part.
    """
    pieces, end, parts = [], 0, set[str]()
    for start, last in sorted((*_matches(text, values, parts), *_decoded(text, values, finds, parts))):
        if last <= end:
            continue
        first = max(end, text.rfind("\n", 0, start) + 1)
        following = text.find("\n", last - 1)
        pieces += [text[end:first], HIDDEN]
        end = following if following >= 0 else len(text)
    for value in parts:
        count(value)
    return "".join((*pieces, text[end:]))


def needles(values: Iterable[str], prefixes: Collection[str] = ()) -> Needles:
    """Return the values with enough characters that no prefix makes public, and parts of the random ones.

    The parts have as many unknown characters each, side by side from the first on, and the last ones, so that of a
    value in two pieces the longer is hidden. With a part at each place, an agent that knows one could guess the rest a
    character at a time; of the last part, it has as many left to guess as of the whole value.
    """
    found: dict[str, dict[str, str]] = {}
    for value in values:
        public = max((len(one) for one in prefixes if value.startswith(one)), default=0)
        if len(value) - public >= FEWEST_UNKNOWN and len(set(value)) > _FEWEST_SIGNS:
            found.setdefault(value[:FEWEST_UNKNOWN], {})[value] = ""
        for part in _parts(value, public):
            found.setdefault(part, {}).setdefault(part, value)
    return found


def _parts(value: str, public: int) -> Iterator[str]:
    """Yield the parts of a value's longest random row; of a JWT, of its signature, because its claims may be known."""
    if len(value) > _LONGEST or not _PLAIN.fullmatch(value):
        return
    row = max(_PUBLIC.split(value[max(public, value.rfind(".") + 1) :]), key=len)
    last = len(row) - FEWEST_UNKNOWN
    for start in (*range(0, last, FEWEST_UNKNOWN), last) if last >= 0 else ():
        part = row[start : start + FEWEST_UNKNOWN]
        if _RANDOM.search(part) and len(set(part)) > _FEWEST_SIGNS:
            yield part


def _decoded(text: str, values: Needles, finds: Finds, parts: set[str]) -> Iterator[tuple[int, int]]:
    """Yield the places that hold tokens in Base64 or hexadecimal, known or not."""
    bare = _COLUMN.sub(lambda match: match[1].ljust(len(match[0])), text)
    bare = _OFFSETS.sub(lambda match: " " * len(match[0]), bare)
    found = ((match, _from_hex(match[0])) for match in _HEX.finditer(bare))
    coded = ((match, _from_base64(match[0])) for match in _BASE64.finditer(text))
    for match, decoded in chain(found, coded):
        if decoded and (_matches(decoded, values, parts) or finds(decoded)):
            yield match.span()


def _matches(text: str, values: Needles, parts: set[str]) -> list[tuple[int, int]]:
    """Return the places of values in a text; add those without a whole one."""
    found, seen = list[tuple[int, int]](), set[tuple[str, str]]()
    for start in range(len(text) - FEWEST_UNKNOWN + 1) if values else ():
        for needle, value in values.get(text[start : start + FEWEST_UNKNOWN], {}).items():
            if text.startswith(needle, start):
                found.append((start, start + len(needle)))
                seen.add((needle, value))
    whole = [needle for needle, value in seen if not value]
    parts |= {value for needle, value in seen if value and not any(needle in one for one in whole)}
    return found


def _from_hex(text: str) -> str:
    return bytes.fromhex(text).decode("latin-1")


def _from_base64(text: str) -> str:
    joined = "".join(text.split()).rstrip("=")
    kept = joined[: len(joined) - (len(joined) % 4 == 1)]
    return base64.b64decode(kept + "=" * (-len(kept) % 4)).decode("utf-8", "replace")
