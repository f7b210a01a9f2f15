"""The log files that paths and patterns name, listed again from time to time."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from fnmatch import fnmatch
from glob import has_magic
from itertools import islice
from pathlib import Path

LOOK_SECONDS = 1.0
"""The shortest interval between two listings of a pattern; longer if listing is slow."""
MOST_FILES = 1_000
"""The most files that patterns may match; the first ones count."""
_LOOK_SHARE = 20
_DEEPEST = 64
"""The most levels of folders that `**` descends."""


class LogPaths:
    """Paths, and patterns with `*`, `?`, `[…]` and, for folders at any depth, `**`.

    Attributes:
        named: the paths; the name of an existing file is never a pattern.
        too_many: the patterns match more than MOST_FILES files.
    """

    def __init__(self, paths: Iterable[str], clock: Callable[[], float]) -> None:
        """Take paths and patterns, and a clock in seconds."""
        given = list(dict.fromkeys(paths))
        self.named = [path for path in given if os.path.lexists(path) or not has_magic(path)]
        self.too_many = False
        self._patterns = [path for path in given if path not in self.named]
        self._clock = clock
        self._next = clock()

    def matched(self) -> list[str]:
        """Return the files that the patterns match; none if it is too soon to list folders again."""
        began = self._clock()
        if not self._patterns or began < self._next:
            return []
        found = dict.fromkeys(path for pattern in self._patterns for path in _matched(pattern))
        self.too_many = len(found) > MOST_FILES
        self._next = self._clock() + max(LOOK_SECONDS, (self._clock() - began) * _LOOK_SHARE)
        return list(found)[:MOST_FILES]


def _matched(pattern: str) -> list[str]:
    path = Path(pattern)
    parts = path.relative_to(path.anchor).parts
    # Two in a row mean the same as one.
    parts = tuple(part for at, part in enumerate(parts) if part != "**" or parts[at + 1 : at + 2] != ("**",))
    return sorted(islice(_below(path.anchor, parts, _DEEPEST), MOST_FILES + 1))


def _below(folder: str, parts: Sequence[str], depth: int) -> Iterator[str]:
    """Yield the files that match the parts of a pattern in a folder."""
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _at_any_depth(folder, parts, depth)
        return
    if not has_magic(part):
        names = [part]
    else:
        names = [entry.name for entry in _entries(folder, part) if fnmatch(entry.name, part)]
    for path in (os.path.join(folder, name) for name in names):  # noqa: PTH118
        if rest:
            yield from _below(path, rest, depth)
        elif os.path.isfile(path):  # noqa: PTH113
            yield path


def _at_any_depth(folder: str, parts: Sequence[str], depth: int) -> Iterator[str]:
    """Yield like `_below` for a pattern that starts with `**`; follow no link, because it may lead back."""
    rest = parts[1:] or ("*",)
    yield from _below(folder, rest, depth)
    if depth:
        for entry in _entries(folder, "*"):
            if entry.is_dir(follow_symlinks=False):
                below = os.path.join(folder, entry.name)  # noqa: PTH118
                yield from _below(below, ("**", *rest), depth - 1)


def _entries(folder: str, part: str) -> list[os.DirEntry[str]]:
    """Return the entries of a folder, hidden ones only if the pattern starts with a dot."""
    try:
        with os.scandir(folder or os.curdir) as entries:
            return [entry for entry in entries if part.startswith(".") or not entry.name.startswith(".")]
    except OSError:
        return []
