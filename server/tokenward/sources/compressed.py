"""Unpacks compressed logs, within limits, because a small file can unpack to any size."""

from __future__ import annotations

import zlib

ENDING = ".gz"
MOST_MEMBERS = 1_000
"""Compressed parts of a file; each takes time, even if it is empty."""
_MARK = b"\x1f\x8b"
_WITH_HEADER = 31


def is_compressed(name: str, start: bytes) -> bool:
    """Return whether a file is a compressed one that can be unpacked, by its name and first bytes."""
    return name.lower().endswith(ENDING) and start.startswith(_MARK)


def unpacked(data: bytes, limit: int) -> bytes | None:
    """Return a compressed file's content, or its first bytes: one more than the limit; None if it is damaged."""
    content, members = b"", 0
    while data.startswith(_MARK) and len(content) <= limit and members < MOST_MEMBERS:
        member = zlib.decompressobj(_WITH_HEADER)
        try:
            content += member.decompress(data, limit + 1 - len(content))
        except zlib.error:
            return None
        data, members = member.unused_data, members + 1
    return content if members < MOST_MEMBERS else None
