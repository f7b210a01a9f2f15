"""Decides whether a file is text: by its first bytes, unless programs always read it as text."""

from __future__ import annotations

import zlib
from enum import StrEnum

from tokenward.sources.encoding import WIDE_MARKS
from tokenward.sources.patterns.token_files import token_kinds

SNIFFED = 8_000
"""A NUL within so many bytes means that a file is binary, as in Git."""

# Their programs ignore a NUL in a comment or a string, which would hide the rest of the file from a scan.
_TEXTS = """
    astro bash bat c cc cfg cjs cmd cnf conf config cpp cs css csv dart dockerfile ex exs fish go gradle
    groovy h hcl hpp htm html ini java js json json5 jsonc jsonl jsp jsx kt kts less lua m mdx md mjs mts cts
    php pl pm plist properties ps1 psm1 py pyi r rb rs rst sass scala scss sh sql svelte swift tcl tf toml ts
    tsv tsx txt vb vue xml yaml yml zsh
"""
_ENDINGS = frozenset(_TEXTS.split())
_ARCHIVES = (
    b"PK\3\4", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\0", b"\x28\xb5\x2f\xfd", b"7z\xbc\xaf", b"Rar!", b"!<arch>\n",
)  # fmt: skip
_TAR, _TAR_PLACE = b"ustar", 257
ENDING = ".gz"
MOST_MEMBERS = 1_000
"""Compressed parts of a file; each takes time, even if it is empty."""
_MARK = b"\x1f\x8b"
_WITH_HEADER = 31


class NoTextKind(StrEnum):
    """Why a file is not read as text."""

    BINARY = "binary"
    ARCHIVE = "archive"
    UNMARKED = "utf-16"


def no_text_kind(start: bytes) -> NoTextKind:
    """Return why a file is not text, by its first bytes."""
    if start.startswith(_ARCHIVES) or start.startswith(_TAR, _TAR_PLACE):
        return NoTextKind.ARCHIVE
    first, second = start[0:SNIFFED:2], start[1:SNIFFED:2]
    few, many = sorted((first.count(0), second.count(0)))
    # Text in mostly Latin letters, every other byte of which is 0.
    return NoTextKind.UNMARKED if few == 0 and many > len(second) // 2 else NoTextKind.BINARY


def is_text(name: str, content: bytes) -> bool:
    """Return whether a file is read as text, by its name (relative to its root, with `/`) and first bytes."""
    if content.find(b"\0", 0, SNIFFED) < 0 or content.startswith((b"#!", *WIDE_MARKS)):
        return True
    own_name = name.rpartition("/")[2]
    _, dot, ending = own_name.rpartition(".")
    # A log contains NULs after it was truncated.
    is_of_kind = token_kinds().verdict(name, own_name, is_folder=False) is True
    return is_of_kind or (bool(dot) and ending.lower() in _ENDINGS)


def is_compressed(name: str, start: bytes) -> bool:
    """Return whether a file is a compressed one that can be unpacked, by its name and first bytes."""
    return start.startswith(_MARK) and name.lower().endswith(ENDING)


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
