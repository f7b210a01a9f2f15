"""Splits a long value into numbered parts and a manifest, for a keyring that limits the size of an entry."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

PREFIX = "tokenward-parts:"
_FORMAT = re.compile(re.escape(PREFIX) + r"([1-9][0-9]{0,5}):([0-9a-f]{64})")


@dataclass(frozen=True, slots=True)
class Manifest:
    """The number of parts, and a digest that detects parts that do not fit together."""

    count: int
    digest: str

    def __str__(self) -> str:
        return f"{PREFIX}{self.count}:{self.digest}"

    def join(self, parts: list[str]) -> str:
        """Return the value.

        Raises:
            ValueError: the parts do not belong to the manifest.
        """
        value = "".join(parts)
        if len(parts) != self.count or _digest(value) != self.digest:
            raise ValueError("not the parts of this manifest")
        return value


def fits(value: str, limit: int) -> bool:
    """Return whether a value fits into one entry and cannot be mistaken for a manifest."""
    return not value.startswith(PREFIX) and len(value.encode("utf-16-le")) <= 2 * limit


def split(value: str, limit: int) -> tuple[Manifest, list[str]]:
    """Split a value into parts of at most `limit` UTF-16 units, each of whole characters."""
    units = value.encode("utf-16-le")
    parts = []
    start = 0
    while start < len(units):
        end = min(start + 2 * limit, len(units))
        is_second_half = end < len(units) and 0xDC <= units[end + 1] <= 0xDF
        if is_second_half:
            end -= 2
        parts.append(units[start:end].decode("utf-16-le"))
        start = end
    return Manifest(len(parts), _digest(value)), parts


def parse_manifest(text: str) -> Manifest | None:
    """Return the manifest in an entry, or None if the entry contains a value.

    Raises:
        ValueError: it starts like a manifest but is not one.
    """
    if not text.startswith(PREFIX):
        return None
    match = _FORMAT.fullmatch(text)
    if not match:
        raise ValueError("not a manifest")
    return Manifest(int(match[1]), match[2])


def _digest(value: str) -> str:
    return hashlib.sha256(value.encode()).hexdigest()
