"""Digests of words: as long and random as a token, but in everybody's lists."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import chain
from pathlib import Path
from uuid import UUID

from tokenward.detection.generic.names import words_of_names

_ALGORITHMS = {
    16: ("md5",),
    20: ("sha1",),
    28: ("sha224",),
    32: ("sha256", "sha3_256"),
    48: ("sha384",),
    64: ("sha512", "sha3_512"),
}
"""By the number of bytes, because most texts have digests of one size, and computing all takes a while."""
_NAMED_VERSIONS = {3, 5}
"""The versions of a UUID that are digests of a name (RFC 9562)."""


def is_digest_of_word(digest: bytes) -> bool:
    """Return whether a value is an unsalted digest of a common password or of a word in the detector's list."""
    return digest in _digests(len(digest))


def is_digest_of_name(text: str) -> bool:
    """Return whether a value is a UUID made from a name."""
    try:
        return UUID(text).version in _NAMED_VERSIONS
    except ValueError:
        return False


@cache
def _digests(size: int) -> frozenset[bytes]:
    common = Path(__file__).with_name("common_passwords.txt").read_text("utf-8").split()
    texts = {
        text for word in chain(common, words_of_names()) for text in (word, word.capitalize(), word.upper())
    }
    return frozenset(chain.from_iterable(_of_size(size, text) for text in texts))


def _of_size(size: int, text: str) -> Iterator[bytes]:
    for name in _ALGORITHMS.get(size, ()):
        yield hashlib.new(name, text.encode(), usedforsecurity=False).digest()
    if size == 16:  # NTLM of Windows
        yield md4(text.encode("utf-16-le"))
    if size == 20:  # MySQL
        once = hashlib.sha1(text.encode(), usedforsecurity=False).digest()
        yield hashlib.sha1(once, usedforsecurity=False).digest()


def md4(content: bytes) -> bytes:
    """Return the MD4 digest (RFC 1320), which OpenSSL 3 does not have."""
    padded = content + b"\x80" + bytes(-(len(content) + 9) % 64) + struct.pack("<Q", 8 * len(content))
    state: tuple[int, ...] = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476)
    for block in struct.iter_unpack("<16I", padded):
        a, b, c, d = state
        for index, left, right in _ROUND_1:
            mixed = a + (d ^ b & (c ^ d)) + block[index] & 0xFFFFFFFF
            a, b, c, d = d, (mixed << left | mixed >> right) & 0xFFFFFFFF, b, c
        for index, left, right in _ROUND_2:
            mixed = a + (b & c | d & (b | c)) + block[index] + 0x5A827999 & 0xFFFFFFFF
            a, b, c, d = d, (mixed << left | mixed >> right) & 0xFFFFFFFF, b, c
        for index, left, right in _ROUND_3:
            mixed = a + (b ^ c ^ d) + block[index] + 0x6ED9EBA1 & 0xFFFFFFFF
            a, b, c, d = d, (mixed << left | mixed >> right) & 0xFFFFFFFF, b, c
        state = tuple((old + new) & 0xFFFFFFFF for old, new in zip(state, (a, b, c, d), strict=True))
    return struct.pack("<4I", *state)


def _steps(words: Iterable[int], *shifts: int) -> list[tuple[int, int, int]]:
    """Return for each step of a round its word of the block, and how far it rotates to the left and to the right."""
    return [(word, left, 32 - left) for word, left in zip(words, shifts * 4, strict=True)]


_ROUND_1 = _steps(range(16), 3, 7, 11, 19)
_ROUND_2 = _steps([turn % 4 * 4 + turn // 4 for turn in range(16)], 3, 5, 9, 13)
_ROUND_3 = _steps([int(f"{turn:04b}"[::-1], 2) for turn in range(16)], 3, 9, 11, 15)
