"""Patterns as in `.gitignore`, matched like Git, byte for byte."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from tokenward.fast_dataclasses import dataclass
from tokenward.sources.patterns.wildmatch import is_literal, translated

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
