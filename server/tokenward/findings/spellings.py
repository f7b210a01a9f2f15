"""spellings: the ways in which programs write a known value, so that each can be found in their output."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

from tokenward.model import Secret

SHORTEST = 7
"""Bytes of a value that is masked; what is shorter stands in too much else."""
_COMMON = frozenset(
    {b"changeme", b"default", b"development", b"disabled", b"enabled", b"example", b"localhost", b"password"}
    | {b"postgres", b"production", b"staging", b"undefined"}
)
"""Values that programs print all the time, and that stars would give away rather than hide."""
_SHORTEST_LINE = 16
"""Bytes of a value's line that is looked for by itself; a shorter one may stand in anything."""
_ALPHABETS = (None, b"-_")
_UNRESERVED = (
    # RFC 3986, the same with a path's slashes, JavaScript's encodeURIComponent, and HTML forms.
    *((quote, ""), (quote, "/"), (quote, "!'()*")),
    (lambda value, safe: quote(value, safe=safe).replace("%20", "+").replace("~", "%7E"), "*"),
)
_ESCAPED: tuple[Callable[[str], str], ...] = (
    lambda text: json.dumps(text)[1:-1],
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
)


@dataclass(frozen=True, slots=True)
class Spelling:
    """Bytes by which a value may be read.

    Attributes:
        content: all of them.
        public: how many of the first may be shown, since the provider makes them known.
    """

    content: bytes = field(repr=False)
    public: int = 0


def spellings(values: Iterable[Secret], prefixes: Iterable[str] = ()) -> tuple[Spelling, ...]:
    """Every spelling of every value that is long enough to be told from other text.

    Args:
        values: what is looked for.
        prefixes: beginnings of values that are public.
    """
    known = tuple(prefix.encode() for prefix in prefixes)
    public: dict[bytes, int] = {}
    for secret in values:
        value = secret.reveal().encode("utf-8", "surrogateescape")
        if len(value) < SHORTEST or value in _COMMON or len(set(value)) == 1:
            continue
        for content in _spelled(value):
            if len(content) >= SHORTEST:
                shown = _public(content, known)
                public[content] = min(shown, public.get(content, shown))
    return tuple(Spelling(content, shown) for content, shown in sorted(public.items()))


def _public(content: bytes, prefixes: Iterable[bytes]) -> int:
    """The length of the longest public beginning; none when that would be most of the value."""
    longest = max((len(prefix) for prefix in prefixes if content.startswith(prefix)), default=0)
    return longest if 2 * longest <= len(content) else 0


def _spelled(value: bytes) -> Iterator[bytes]:
    yield value
    if b"\n" in value:
        # As a terminal shows it; and line by line, however these are indented.
        yield value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield from (line for line in map(bytes.strip, value.splitlines()) if _is_telling(line))
    yield from (value.hex().encode(), value.hex().upper().encode())
    yield from _in_base64(value)
    yield from _in_urls(value)
    text = value.decode("utf-8", "surrogateescape")
    for escape in _ESCAPED:
        yield escape(text).encode("utf-8", "surrogateescape")


def _is_telling(line: bytes) -> bool:
    return len(line) >= _SHORTEST_LINE and not line.startswith(b"-----")


def _in_base64(value: bytes) -> Iterator[bytes]:
    """What does not depend on the bytes before and after; and all of it when there are none."""
    for alphabet in _ALPHABETS:
        for end in (b"", b"\n"):
            yield b64encode(value + end, alphabet).rstrip(b"=")
        for before in range(3):
            encoded = b64encode(bytes(before) + value, alphabet).rstrip(b"=")
            doubtful = (before + len(value)) % 3 != 0
            yield encoded[(0, 2, 3)[before] : len(encoded) - doubtful]


def _in_urls(value: bytes) -> Iterator[bytes]:
    for spell, safe in _UNRESERVED:
        upper = spell(value, safe=safe)
        yield upper.encode()
        yield _with_lower_escapes(upper).encode()


def _with_lower_escapes(text: str) -> str:
    first, *others = text.split("%")
    return "%".join([first, *(part[:2].lower() + part[2:] for part in others)])
