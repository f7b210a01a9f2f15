"""Git's wildmatch as regular expressions that never take exponential time.

Each `*` but the last of a part is matched only once, at the first place that fits, by a lookahead whose match is then
consumed by name. That suffices, because a later match of a `*` could only delay the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import count

_SPECIAL = re.compile(r"[*?\[\\]")
_NEVER = r"(?!)"
_STAR, _DEEP, _SLASH = "*", "**", "/"


def is_literal(glob: str) -> bool:
    """Return whether a glob has no wildcards."""
    return _SPECIAL.search(glob) is None


def translated(glob: str) -> str:
    """Return a regular expression for a whole path or base name, in which each character is one byte.

    The glob comes without the slashes at its start and end, which only say where it applies.
    """
    groups = count()
    special = _SPECIAL.search(glob)
    # Git compares the text before the first special character separately, so a `**` right after it
    # counts as being at the start.
    start = special.start() if special else len(glob)
    try:
        tokens = list(_tokens(glob[start:]))
    except ValueError:
        return _NEVER
    return re.escape(glob[:start]) + _path(tokens, lambda: f"g{next(groups)}") + r"\Z"


def _tokens(glob: str) -> Iterator[str]:
    """Yield the parts of a glob: `*`, `**`, `/`, or a regular expression for one character."""
    place = 0
    while place < len(glob):
        character = glob[place]
        if character == "*":
            end = place + len(glob[place:]) - len(glob[place:].lstrip("*"))
            yield _DEEP if end - place > 1 and _is_alone(glob, place, end) else _STAR
            place = end
        elif character == "[":
            place, characters = _bracket(glob, place + 1)
            yield characters
        elif character == "\\":
            escaped = glob[place + 1 : place + 2]
            if not escaped:
                raise ValueError("nothing is escaped")
            yield _SLASH if escaped == "/" else re.escape(escaped)
            place += 2
        else:
            yield {"/": _SLASH, "?": "[^/]"}.get(character) or re.escape(character)
            place += 1


def _is_alone(glob: str, start: int, end: int) -> bool:
    before, after = glob[max(0, start - 1) : start], glob[end : end + 2]
    return before in {"", "/"} and (after[:1] in {"", "/"} or after == "\\/")


def _path(tokens: Sequence[str], name: Callable[[], str]) -> str:
    runs: list[list[list[str]]] = [[[]]]
    for token in tokens:
        if token == _DEEP:
            runs.append([[]])
        elif token == _SLASH:
            runs[-1].append([])
        else:
            runs[-1][-1].append(token)
    return _joined([[_segment(segment, name) for segment in run] for run in runs], name)


def _joined(runs: list[list[str]], name: Callable[[], str]) -> str:
    """Join runs of segments with `**` between them; each run but the first starts after a slash."""
    first, *others = ["/".join(run) if index == 0 else "/".join(run[1:]) for index, run in enumerate(runs)]
    ends_deep = len(runs) > 1 and len(runs[-1]) == 1
    whole = first
    for index, run in enumerate(others):
        if index < len(others) - 1:
            whole += _once(f"(?:[^/]*/)*?{run}", name) if run else ""
        else:
            whole += "(?s:.*)" if ends_deep else f"(?:[^/]*/)*{run}"
    return whole


def _segment(tokens: Sequence[str], name: Callable[[], str]) -> str:
    chunks = [""]
    for token in tokens:
        if token == _STAR:
            chunks.append("")
        else:
            chunks[-1] += token
    first, *others = chunks
    middle = "".join(_once(f"[^/]*?{chunk}", name) for chunk in others[:-1] if chunk)
    return first + middle + (f"[^/]*{others[-1]}" if others else "")


def _once(expression: str, name: Callable[[], str]) -> str:
    group = name()
    return f"(?=(?P<{group}>{expression}))(?P={group})"


def _bracket(glob: str, place: int) -> tuple[int, str]:
    """Return the place after a bracket, and an expression for the characters that it allows."""
    negated = glob[place : place + 1] in {"!", "^"}
    place += negated
    allowed: set[int] = set()
    before, start = 0, place
    while (character := glob[place : place + 1]) != "]" or place == start:
        if not character:
            raise ValueError("the bracket is not closed")
        if character == "-" and before and glob[place + 1 : place + 2] not in {"", "]"}:
            place, high = _escaped(glob, place + 1)
            allowed.update(range(before, high + 1))
            before = 0
        elif (posix := _posix_class(glob, place)) is not None:
            name, place = posix
            if name not in _POSIX:
                raise ValueError("no such class")
            allowed.update([code for code in range(128) if _POSIX[name](chr(code))])
            before = 0
        else:
            place, before = _escaped(glob, place)
            allowed.add(before)
        place += 1
    members = (set(range(256)) - allowed if negated else allowed) - {0, ord("/")}
    characters = "".join(re.escape(chr(code)) for code in sorted(members))
    return place + 1, f"[{characters}]" if characters else _NEVER


def _escaped(glob: str, place: int) -> tuple[int, int]:
    if glob[place] == "\\":
        place += 1
        if place == len(glob):
            raise ValueError("nothing is escaped")
    return place, ord(glob[place])


def _posix_class(glob: str, place: int) -> tuple[str, int] | None:
    """Return the class's name and the place of its closing bracket."""
    if not glob.startswith("[:", place):
        return None
    end = glob.find("]", place + 2)
    if end < 0:
        raise ValueError("the bracket is not closed")
    if end == place + 2 or glob[end - 1] != ":":
        return None
    return glob[place + 2 : end - 1], end


_POSIX: dict[str, Callable[[str], bool]] = {
    "alnum": str.isalnum,
    "alpha": str.isalpha,
    "blank": lambda c: c in " \t",
    "cntrl": lambda c: ord(c) < 32 or ord(c) == 127,
    "digit": str.isdigit,
    "graph": lambda c: 32 < ord(c) < 127,
    "lower": str.islower,
    "print": lambda c: 32 <= ord(c) < 127,
    "punct": lambda c: 32 < ord(c) < 127 and not c.isalnum(),
    "space": lambda c: c in " \t\n\v\f\r",
    "upper": str.isupper,
    "xdigit": lambda c: c in "0123456789abcdefABCDEF",
}
