"""What a workspace's own settings keep from being scanned, told in one sentence however much it is."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE
from tokenward.sources.candidate import Candidate, IgnoredPath, Trouble

NAMED = 5
"""Files and folders that the sentence names; a repository could exclude any number."""


def gathered(found: Iterable[Candidate | Trouble | IgnoredPath]) -> Iterator[Candidate | Trouble]:
    """What a walk comes upon, and after it one Trouble for each root that keeps something out."""
    by_root: dict[str, _KeptOut] = {}
    for one in found:
        if isinstance(one, IgnoredPath):
            by_root.setdefault(one.root, _KeptOut()).add(one.name)
        else:
            yield one
    for root, kept_out in by_root.items():
        yield Trouble(Path(root), kept_out.sentence(root))


class _KeptOut:
    """Counts, and remembers the first few names."""

    def __init__(self) -> None:
        self._files = self._folders = 0
        self._first: list[str] = []

    def add(self, name: str) -> None:
        is_folder = name.endswith("/")
        self._folders += is_folder
        self._files += not is_folder
        self._first = heapq.nsmallest(NAMED, [*self._first, name])

    def sentence(self, root: str) -> str:
        counted = [_counted(self._files, "file"), _counted(self._folders, "folder")]
        what = " and ".join(part for part in counted if part)
        names = ", ".join(map(shown, self._first))
        rest = self._files + self._folders - len(self._first)
        more = f" and {rest:,} more" if rest else ""
        return f"{shown(root)}: `exclude` in {WORKSPACE_FILE} keeps out {what}: {names}{more}."


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}" if count else ""
