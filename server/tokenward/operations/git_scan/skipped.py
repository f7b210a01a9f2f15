"""What a scan of a repository left out, told in one sentence for each reason however much it is."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from tokenward.places import shown
from tokenward.sources.candidate import Trouble

NAMED = 5
"""Paths that a sentence names; a repository could hold any number."""


class Reason(Enum):
    """Why something was not scanned, said of one thing and of several."""

    SUBMODULE = (
        "is a submodule and was not scanned; run the scan in it",
        "are submodules and were not scanned; run the scan in each",
    )
    CONFLICT = (
        "is in conflict and was not scanned; resolve it and scan again",
        "are in conflict and were not scanned; resolve them and scan again",
    )
    LFS = (
        "is kept by Git LFS, and only a pointer to it was there; scan the file itself",
        "are kept by Git LFS, and only pointers to them were there; scan the files themselves",
    )
    MISSING = (
        "is not in this partial clone and was not scanned; scan a full clone",
        "are not in this partial clone and were not scanned; scan a full clone",
    )
    TOO_LARGE = (
        "is larger than the limit and was not scanned; raise `max-file-bytes`",
        "are larger than the limit and were not scanned; raise `max-file-bytes`",
    )
    TOO_SLOW = (
        "took too long and was not scanned whole; scan it by itself",
        "took too long and were not scanned whole; scan each by itself",
    )
    FAILED = (
        "was not scanned because of an unexpected {detail}; look through it, and report that",
        "were not scanned because of an unexpected {detail}; look through them, and report that",
    )


class LeftOut:
    """Gathers what is left out."""

    def __init__(self) -> None:
        self._paths: dict[tuple[str, str], set[str]] = {}

    def add(self, reason: Reason, path: str, detail: str = "") -> None:
        """Note that something is left out; those of one reason and detail are told together."""
        self._paths.setdefault((reason.name, detail), set()).add(path)

    def troubles(self, folder: Path) -> Iterator[Trouble]:
        """One for each reason; `folder` is what the paths are relative to."""
        for (name, detail), paths in sorted(self._paths.items()):
            one, several = Reason[name].value
            said = (one if len(paths) == 1 else several).format(detail=detail)
            is_failure = Reason[name] in {Reason.FAILED, Reason.TOO_SLOW}
            yield Trouble(folder, f"{_listed(paths)} {said}.", is_failure)


def _listed(paths: set[str]) -> str:
    first = [shown(path) for path in heapq.nsmallest(NAMED, paths)]
    rest = len(paths) - len(first)
    if rest:
        return f"{', '.join(first)} and {rest:,} more"
    return first[0] if len(first) == 1 else f"{', '.join(first[:-1])} and {first[-1]}"
