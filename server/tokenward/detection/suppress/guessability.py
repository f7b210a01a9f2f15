"""An estimate of how hard a value is to guess: machine-made tokens pass, and people's choices do not.

A hash in a repository can be tested against guesses forever, so an estimate that is too high does
harm, and one that is too low does not.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress

from tokenward.detection.claims.values import bytes_of
from tokenward.detection.suppress.composite import secret_parts
from tokenward.detection.suppress.digests import is_digest_of_name, is_digest_of_word
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
