"""The words of the rules by which Codex's user forbids commands, or has them ask.

Codex compares a rule with the words of a command as a hook left it, and sees none in a command that is run masked.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

_RULE = re.compile(r"prefix_rule\((.*?)\)\s*(?=\n|$)", re.DOTALL)
_TEXT = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'")
_WORD = re.compile(r"[^\s;|&(){}<>'\"`$=]+")
_STRICT = {"forbidden", "prompt"}
_MOST_FILES, _LARGEST = 50, 1_048_576


def is_ruled(line: str, folder: str) -> bool:
    """Return whether a command has a word of a rule that forbids or asks; words of paths count by their last part.

    Raises:
        OSError: the rules cannot be read.
    """
    ruled: set[str] = set()
    for text in _rules(folder):
        for rule in _RULE.findall(text):
            words = {one or other for one, other in _TEXT.findall(rule)}
            ruled |= words if words & _STRICT else set()
    return any(word in ruled or word.rpartition("/")[2] in ruled for word in _WORD.findall(line))


def _rules(folder: str) -> Iterator[str]:
    home = os.environ.get("CODEX_HOME") or Path.home() / ".codex"
    for place in (Path(home), Path(folder or ".", ".codex")):
        for path in islice(place.glob("rules/*.rules"), _MOST_FILES):
            with path.open("rb") as file:
                yield file.read(_LARGEST).decode("utf-8", "replace")
