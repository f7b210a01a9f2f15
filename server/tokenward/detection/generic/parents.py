"""The parent of a name: the object, mapping, section or file that it is in."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

_FARTHEST = 1_500
"""The most characters before a name that are searched."""
_LONGEST_NAME = 80
"""The most characters of a name and what follows it; a search in more takes milliseconds."""
_BRACKET = re.compile(r"[{}\[\]()]")
_BEFORE_BRACKET = re.compile(r"([\w.$-]{1,60})[\"'`]?\s{0,8}(?:=>|:=|[:=])?\s{0,8}\Z")
_PATH = re.compile(r"([\w-]{1,60})[:.]\Z")
_SECTION = re.compile(r"\[[\"']?([\w.: -]{1,80})[\"']?\][ \t]*\Z")
_MAPPING = re.compile(r"([ \t]*)(?:- +)?[\"']?([\w.-]{1,60})[\"']?:[ \t]*(?:#.*)?\Z")


def parent_of(text: str, start: int, path: str) -> str:
    """Return the name of the parent of a name that starts at a place in the text of a file; empty if it has none."""
    before = text[max(0, start - _FARTHEST) : start].rstrip("\"'`")
    if in_name := _PATH.search(before[-_LONGEST_NAME:]):
        return in_name[1]
    opening = _opening(before)
    if opening is None:
        return _of_lines(before)
    named = _BEFORE_BRACKET.search(before[max(0, opening - _LONGEST_NAME) : opening])
    if named or before[:opening].strip():
        return named[1] if named else ""
    return PurePosixPath(path).stem


def _opening(before: str) -> int | None:
    """Return the place of the last bracket that is not closed."""
    depth = 0
    for bracket in reversed(list(_BRACKET.finditer(before))):
        depth += 1 if bracket[0] in ")]}" else -1
        if depth < 0:
            return bracket.start()
    return None


def _of_lines(before: str) -> str:
    """Return the name of the mapping or section, by indentation or its own line."""
    *above, line = before.split("\n")
    indent = len(line) - len(line.lstrip(" \t"))
    for one in reversed(above):
        if section := _SECTION.match(one.strip()):
            return section[1]
        mapping = _MAPPING.match(one.rstrip("\r"))
        if mapping and len(mapping[1]) < indent:
            return mapping[2]
        if one.strip() and len(one) - len(one.lstrip(" \t")) < indent:
            return ""
    return ""
