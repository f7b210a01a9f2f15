"""Summarises the files that a workspace's own settings exclude in one sentence."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.phrases import counted
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE
from tokenward.sources.candidate import Candidate, IgnoredPath, Trouble

MOST_NAMED = 5
"""The most files and folders that the sentence names, because a repository could exclude any number."""


def with_exclusions_summed_up(
    walked: Iterable[Candidate | Trouble | IgnoredPath],
) -> Iterator[Candidate | Trouble]:
    """Yield the results of a walk, and then a Trouble for each root that excludes something."""
    by_root: dict[str, _Exclusions] = {}
    for one in walked:
        if isinstance(one, IgnoredPath):
            by_root.setdefault(one.root, _Exclusions()).add(one.name)
        else:
            yield one
    for root, exclusions in by_root.items():
        yield Trouble(Path(root), exclusions.sentence(root))


class _Exclusions:
    """Counts excluded files and folders, and keeps the first few names."""

    def __init__(self) -> None:
        self._files = self._folders = 0
        self._first: list[str] = []

    def add(self, name: str) -> None:
        is_folder = name.endswith("/")
        self._folders += is_folder
        self._files += not is_folder
        self._first = heapq.nsmallest(MOST_NAMED, [*self._first, name])

    def sentence(self, root: str) -> str:
        kinds = ((self._files, "file"), (self._folders, "folder"))
        excluded = " and ".join(counted(count, noun) for count, noun in kinds if count)
        names = ", ".join(map(shown, self._first))
        rest = self._files + self._folders - len(self._first)
        more = f" and {rest:,} more" if rest else ""
        return f"{shown(root)}: `exclude` in {WORKSPACE_FILE} excludes {excluded}: {names}{more}."
