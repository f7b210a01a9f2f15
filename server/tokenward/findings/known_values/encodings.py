"""The spellings of a known value as a whole; those of its characters are in `readings`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import field

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Secret

SHORTEST = 7
"""The fewest bytes of a value that is masked; shorter ones occur in too much other text."""
_COMMON = frozenset(
    {b"changeme", b"default", b"development", b"disabled", b"enabled", b"example", b"localhost", b"password"}
    | {b"postgres", b"production", b"staging", b"undefined"}
)
"""Values that programs print all the time, which stars would reveal rather than hide."""
FEWEST_UNKNOWN = 20
"""The fewest characters, none of them public, by which a part of a value counts; fewer could be guessed one by one."""
_ALPHABETS = (None, b"-_")


@dataclass(frozen=True, slots=True)
class ValueSpelling:
    """Bytes that spell a value.

    Attributes:
        content: all of them.
        public: the number of leading bytes that may be shown, because they are public.
        is_encoded: none of the bytes is a character of the value.
    """

    content: bytes = field(repr=False)
    public: int = 0
    is_encoded: bool = False


def spellings(values: Iterable[Secret], prefixes: Iterable[str] = ()) -> tuple[ValueSpelling, ...]:
    """Return every spelling of every value that is long enough to be distinctive; `prefixes` are public."""
    known = tuple(prefix.encode() for prefix in prefixes)
    found: dict[bytes, ValueSpelling] = {}
    for secret in values:
        value = secret.reveal().encode("utf-8", "surrogateescape")
        if len(value) < SHORTEST or value in _COMMON or len(set(value)) == 1:
            continue
        for content in _plain(value):
            found[content] = ValueSpelling(content, _public(content, known))
        for content in _encoded(value):
            found.setdefault(content, ValueSpelling(content, is_encoded=True))
    return tuple(found[content] for content in sorted(found) if len(content) >= SHORTEST)


def _public(content: bytes, prefixes: Iterable[bytes]) -> int:
    """Return the length of the longest public prefix; 0 if that is most of the value."""
    longest = max((len(prefix) for prefix in prefixes if content.startswith(prefix)), default=0)
    return longest if 2 * longest <= len(content) else 0


def _plain(value: bytes) -> Iterator[bytes]:
    yield value
    if b"\n" in value:
        # As a terminal shows it, and line by line, however the lines are indented.
        yield value.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
        yield from (
            line
            for line in map(bytes.strip, value.splitlines())
            if len(line) >= FEWEST_UNKNOWN and not line.startswith(b"-----")
        )


def _encoded(value: bytes) -> Iterator[bytes]:
    """Yield a value in hex and Base64: the part that does not depend on the bytes around it, and the whole."""
    yield from (value.hex().encode(), value.hex().upper().encode())
    for alphabet in _ALPHABETS:
        for end in (b"", b"\n"):
            yield b64encode(value + end, alphabet).rstrip(b"=")
        for before in range(3):
            encoded = b64encode(bytes(before) + value, alphabet).rstrip(b"=")
            doubtful = (before + len(value)) % 3 != 0
            yield encoded[(0, 2, 3)[before] : len(encoded) - doubtful]
