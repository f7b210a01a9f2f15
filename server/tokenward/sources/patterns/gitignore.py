"""Patterns as in `.gitignore`, matched like Git, byte for byte.

Git's wildmatch becomes regular expressions that never take exponential time. Each `*` but the last of a part is matched
only once, at the first place that fits, by a lookahead whose match is then consumed by name. That suffices, because a
later match of a `*` could only delay the rest.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import count

from tokenward.fast_dataclasses import dataclass

_SPECIAL = re.compile(r"[*?\[\\]")
_NEVER = r"(?!)"
_STAR, _DEEP, _SLASH = "*", "**", "/"
MOST_PATTERNS = 2_000
"""The most patterns in a file; more would make the walk slow, and known projects have a few hundred."""
LONGEST_GLOB = 400
"""The most characters of a pattern with wildcards, because compiling its expression takes time."""


class Patterns:
    """Patterns in order; the last match decides."""

    __slots__ = ("_files", "_fold", "_folders")

    def __init__(self, lines: Iterable[str], *, fold: bool = False, most: int = MOST_PATTERNS) -> None:
        """Read lines like Git; `fold` makes upper and lower case equal.

        Raises:
            ValueError: there are more than `most`, or more than MOST_PATTERNS, or one is longer than LONGEST_GLOB.
        """
        patterns = list(_parsed(lines, fold=fold))
        if len(patterns) > min(most, MOST_PATTERNS):
            raise ValueError("too many patterns")
        if any(len(pattern.glob) > LONGEST_GLOB and not is_literal(pattern.glob) for pattern in patterns):
            raise ValueError("a pattern is too long")
        self._fold = fold
        self._files = _Table([pattern for pattern in patterns if not pattern.folders_only], fold=fold)
        self._folders = _Table(patterns, fold=fold)

    @classmethod
    def of_file(cls, content: bytes, *, fold: bool = False, most: int = MOST_PATTERNS) -> Patterns:
        """Parse an ignore file, within the limits of `Patterns`."""
        text = content.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
        return cls((line.removesuffix("\r") for line in text.split("\n")), fold=fold, most=most)

    def __len__(self) -> int:
        return len(self._folders.verdicts)

    def verdict(self, path: str, name: str, *, is_folder: bool) -> bool | None:
        """Return whether a path is ignored; None if no pattern matches.

        Args:
            path: relative to the folder that the patterns are for, with `/`.
            name: its last part.
            is_folder: whether it is a folder, because some patterns are for folders only.
        """
        if not path.isascii():
            path, name = _bytewise(path), _bytewise(name)
        if self._fold:
            path, name = _lower(path), _lower(name)
        return (self._folders if is_folder else self._files).verdict(path, name)


def bytewise(patterns: Iterable[str]) -> list[str]:
    """Convert patterns from text to the form for `Patterns`, in which each character is a byte."""
    return [pattern if pattern.isascii() else _bytewise(pattern) for pattern in patterns]


def _bytewise(text: str) -> str:
    return os.fsencode(text).decode("latin-1")


def _lower(text: str) -> str:
    """Return a text in lower case like Git, which converts only ASCII letters."""
    return text.lower() if text.isascii() else text.encode("latin-1").lower().decode("latin-1")


@dataclass(frozen=True, slots=True)
class _Pattern:
    glob: str
    ignores: bool
    folders_only: bool
    whole_path: bool


def _parsed(lines: Iterable[str], *, fold: bool) -> Iterator[_Pattern]:
    for line in lines:
        if not line or line.startswith("#"):
            continue
        # Blanks at the end do not count, except one after a backslash.
        kept = line.rstrip(" ")
        escapes = len(kept) - len(kept.rstrip("\\"))
        glob = line[: len(kept) + 1] if escapes % 2 and len(kept) < len(line) else kept
        ignores = not glob.startswith("!")
        glob = glob if ignores else glob[1:]
        folders_only = glob.endswith("/")
        glob = glob[:-1] if folders_only else glob
        whole_path = "/" in glob
        glob = glob.removeprefix("/")
        if glob.startswith("**/") and "/" not in glob[3:]:
            glob, whole_path = glob[3:], False
        if glob:
            yield _Pattern(_lower(glob) if fold else glob, ignores, folders_only, whole_path)


class _Glob:
    """A glob with a text that every match contains, because searching for that is far faster."""

    __slots__ = ("_fold", "_glob", "_match", "needle", "position")

    def __init__(self, glob: str, position: int, *, fold: bool) -> None:
        plain = re.split(r"[\[\\]", glob, maxsplit=1)[0]
        self.needle = max((part.strip("/") for part in re.split(r"[*?]", plain)), key=len)
        self.position = position
        self._glob, self._fold = glob, fold
        self._match: Callable[[str], object] | None = None

    def matches(self, text: str) -> bool:
        """Return whether a whole text matches; the expression is compiled when a text first holds the needle."""
        if self.needle not in text:
            return False
        if self._match is None:
            flags = re.DOTALL | (re.IGNORECASE | re.ASCII if self._fold else 0)
            self._match = re.compile(translated(self._glob), flags).match
        return self._match(text) is not None


class _Table:
    """Patterns by how they can be looked up, most of them without a regular expression."""

    __slots__ = ("_endings", "_name_globs", "_names", "_path_globs", "_paths", "verdicts")

    def __init__(self, patterns: Sequence[_Pattern], *, fold: bool) -> None:
        self.verdicts = [pattern.ignores for pattern in patterns]
        self._names: dict[str, int] = {}
        self._paths: dict[str, int] = {}
        self._endings: dict[str, list[tuple[str, int]]] = {}
        self._name_globs: list[_Glob] = []
        self._path_globs: list[_Glob] = []
        for index, pattern in enumerate(patterns):
            glob = pattern.glob
            if is_literal(glob):
                (self._paths if pattern.whole_path else self._names)[glob] = index
            elif pattern.whole_path:
                self._path_globs.insert(0, _Glob(glob, index, fold=fold))
            elif glob.startswith("*") and len(glob) > 1 and is_literal(glob[1:]):
                self._endings.setdefault(glob[-1], []).append((glob[1:], index))
            else:
                self._name_globs.insert(0, _Glob(glob, index, fold=fold))

    def verdict(self, path: str, name: str) -> bool | None:
        """Return whether the last pattern that matches ignores a path; None if none matches."""
        last = max(self._names.get(name, -1), self._paths.get(path, -1))
        for ending, index in self._endings.get(name[-1:], ()):
            if index > last and name.endswith(ending):
                last = index
        last = _last(self._name_globs, name, last)
        last = _last(self._path_globs, path, last)
        return None if last < 0 else self.verdicts[last]


def _last(globs: Sequence[_Glob], text: str, last: int) -> int:
    """Return the greater of `last` and the index of the last matching glob; the globs are in descending order."""
    for glob in globs:
        if glob.position < last:
            break
        if glob.matches(text):
            return glob.position
    return last


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
