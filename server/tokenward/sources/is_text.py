"""Decides whether a file is text: by its first bytes, unless programs always read it as text."""

from __future__ import annotations

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


def is_text(name: str, content: bytes) -> bool:
    """Return whether a file is read as text, by its name (relative to its root, with `/`) and first bytes."""
    if content.find(b"\0", 0, SNIFFED) < 0 or content.startswith((b"#!", *WIDE_MARKS)):
        return True
    own_name = name.rpartition("/")[2]
    _, dot, ending = own_name.rpartition(".")
    # A log contains NULs after it was truncated.
    is_of_kind = token_kinds().verdict(name, own_name, is_folder=False) is True
    return is_of_kind or (bool(dot) and ending.lower() in _ENDINGS)
