"""An estimate of how hard a value is to guess: machine-made tokens pass, and people's choices do not.

A hash in a repository can be tested against guesses forever, so an estimate that is too high does
harm, and one that is too low does not. Of a composite value, the weakest part that may be the secret counts; the
rest can be public, however random.
"""

from __future__ import annotations

import hashlib
import math
import re
import struct
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from functools import cache
from itertools import chain
from pathlib import Path
from urllib.parse import unquote
from uuid import UUID

from tokenward.detection.claims.values import bytes_of
from tokenward.detection.generic.names import words_of_names
from tokenward.detection.suppress.not_a_token import NEIGHBOURS

STRONG_BITS = 56.0
"""Bits beyond the reach of any list of likely values."""
STRONG_BITS_OF_ISSUED = 36.0
"""The same after a provider's public prefix, where a machine made the rest, which is about twice as strong."""
_LONGEST = 4096
_MOST_LAYERS = 2
_PIECE = re.compile(r"[A-Za-z][a-z]{2,}|[A-Z]{3,}|\d{3,}|.", re.DOTALL)
_RUN = re.compile(r"[A-Za-z0-9_+/=-]+")
_WORD_BITS, _ALL_WORDS_BITS, _NUMBER_BITS, _PREDICTABLE_BITS = 8.0, 24.0, 5.0, 1.0
_HEX = re.compile(r"[0-9a-f]{32,}|[0-9A-F]{32,}")
_LEET = str.maketrans("013457", "oieast")


def is_guessable(value: str, public_prefixes: Sequence[str] = ()) -> bool:
    """Return whether a list of likely values, or brute force, could find a value."""
    prefix = max((p for p in public_prefixes if value.startswith(p)), key=len, default="")
    return guess_bits(value[len(prefix) :]) < (STRONG_BITS_OF_ISSUED if prefix else STRONG_BITS)


def guess_bits(value: str, layers: int = _MOST_LAYERS) -> float:
    """Return the bits of the weakest part of a value that may be its secret, decoding up to `layers` times."""
    return min(
        max((_run_bits(run[:_LONGEST], layers) for run in _RUN.findall(part)), default=0.0)
        for part in secret_parts(value)
    )


def _run_bits(run: str, layers: int) -> float:
    if is_digest_of_name(run) or any(map(is_digest_of_word, _bytes_of(run))):
        return _WORD_BITS
    texts = [run] if _HEX.fullmatch(run) else [run, run.translate(_LEET)]
    decoded = _decoded(run) if layers else []
    return min([*map(_bits, texts), *(guess_bits(text, layers - 1) for text in decoded)])


def _bits(run: str) -> float:
    words = rest = 0.0
    seen: set[tuple[str, str]] = set()
    before = ""
    per_character = math.log2(max(1, len(set(run))))
    for match in _PIECE.finditer(run):
        piece = match[0].lower()
        if (before, piece) in seen:
            continue
        seen.add((before, piece))
        before = piece
        if len(piece) > 1:
            words += 0 if piece.isdigit() else _WORD_BITS
            rest += _NUMBER_BITS if piece.isdigit() else 0
        else:
            class_bits = math.log2(10) if piece.isdigit() else math.log2(26) if piece.isalpha() else 1.0
            is_predictable = _is_predictable(run[: match.end()][-3:].lower())
            rest += _PREDICTABLE_BITS if is_predictable else min(per_character, class_bits)
    return min(words, _ALL_WORDS_BITS) + rest


def _is_predictable(end: str) -> bool:
    """Return whether a text's last character follows from one of the two before it: `abc`, `111`, `1q2w3e`."""
    return any(abs(ord(end[-1]) - ord(other)) <= 1 or (end[-1], other) in NEIGHBOURS for other in end[-3:-1])


def _decoded(run: str) -> list[str]:
    """Return the readable texts that a run may encode in Base64 or hex."""
    texts = []
    for content in _bytes_of(run):
        try:
            # Some systems encode in UTF-16.
            text = content.decode().replace("\0", "")
        except UnicodeDecodeError:
            continue
        if "".join(text.split()).isprintable():
            texts.append(text)
    return texts


def _bytes_of(run: str) -> Iterator[bytes]:
    """Yield the bytes that a run may encode in Base64 or hex."""
    if content := bytes_of(run):
        yield content
    with suppress(ValueError):
        yield bytes.fromhex(run)


_DEEPEST = 4
"""The most levels of nested values, such as a URL in a connection string in JSON, that are split."""
_LONGEST_SPLIT = 65_536
"""The most characters of a value that is split; no part of a longer value counts as strong."""
_URL = re.compile(r"""[A-Za-z0-9+.-]{0,32}://([^\s"'<>`]*)""")
_AUTHORITY = re.compile(r"[^/?#]*")
_PAIRS = (
    re.compile(r'"([^"\\]{1,64})"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL),
    re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]{0,63})=(?!=)["']?([^\s;&,"']+)"""),
    re.compile(r"^[ \t]*([A-Za-z_][\w.-]{0,63}):[ \t]+(\S.*)$", re.MULTILINE),
)
"""A name with its value in JSON, in a connection string, query or cookie, or in YAML or a header."""
_SECRET_NAME = re.compile(
    r"pass|phrase|pw|secret|token|key|sig|auth|cred|cookie|session|sid|jwt|sas|hash|code|bearer|otp|(?:^|_)(?:pin|pat)",
    re.IGNORECASE,
)
_PUBLIC_NAME = re.compile(
    r"^pub|(?:name|uri|url|type|alg|scope|version|host|user|expir[a-z]*(?:_?at|_?in)?)$"
    r"|(?:key|token|access|client|tenant|account|project|user)[_-]?id$",
    re.IGNORECASE,
)


def secret_parts(value: str, depth: int = _DEEPEST) -> tuple[str, ...]:
    """Return the parts of a value that may be the secret, or the value itself unless it is composite."""
    if depth == 0 or value.lstrip().startswith("-----BEGIN"):
        return (value,)
    if len(value) > _LONGEST_SPLIT:
        return ("",)
    text = unquote(value).replace('\\"', '"')
    pairs = [match.groups() for pattern in _PAIRS for match in pattern.finditer(text)]
    named = [part for name, part in pairs if _SECRET_NAME.search(name) and not _PUBLIC_NAME.search(name)]
    passwords = [password for url in _URL.finditer(text) if (password := _password(url[1]))]
    found = [*passwords, *_inner(named, depth)]
    if not found and "://" in text:
        # A host is public; the rest is split, because no secret continues after a slash.
        found = [_URL.sub(lambda url: _AUTHORITY.sub("", url[1], count=1).replace("/", " "), text)]
    found = found or _inner([part for _, part in pairs], depth) or _after_user(text)
    return tuple(dict.fromkeys(found)) or (value,)


def _inner(parts: Iterable[str], depth: int) -> list[str]:
    return [inner for part in dict.fromkeys(parts) for inner in secret_parts(part, depth - 1)]


def _password(url: str) -> str:
    """Return the unescaped password in a URL without its scheme, or a lone user name."""
    authority = _AUTHORITY.match(url)
    inner, at, _ = (authority[0] if authority else "").rpartition("@")
    if at:
        user, _, password = inner.partition(":")
        return password or user
    return url.rpartition("@")[0].partition(":")[2]


def _after_user(text: str) -> list[str]:
    """Return each part after a colon, as in `user:password`."""
    tails = [piece.partition(":")[2] for piece in text.split()]
    # A Go data source name continues with the host: `user:password@tcp(host)/name`.
    passwords = (tail.rpartition("@")[0] or tail for tail in tails)
    return [part for password in passwords for part in password.split(":") if part]


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
