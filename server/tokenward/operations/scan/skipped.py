"""Summarises the files that a scan skips, or that a workspace excludes, in one sentence for each reason."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator
from enum import Enum
from pathlib import Path

from tokenward.language import counted
from tokenward.places import shown
from tokenward.settings import WORKSPACE_FILE
from tokenward.sources.candidate import Candidate, IgnoredPath, Trouble

MOST_NAMED = 5
"""The most paths that a sentence names, because a repository could contain any number."""


class Reason(Enum):
    """Why something was not scanned, as the end of a sentence about one file and about several."""

    SUBMODULE = (
        "is a submodule and was not scanned; run the scan in it",
        "are submodules and were not scanned; run the scan in each",
    )
    CONFLICT = (
        "is in conflict and was not scanned; resolve it and scan again",
        "are in conflict and were not scanned; resolve them and scan again",
    )
    LFS = (
        "is stored in Git LFS, and only a pointer to it was there; scan the file itself",
        "are stored in Git LFS, and only pointers to them were there; scan the files themselves",
    )
    MISSING = (
        "is not in this partial clone and was not scanned; scan a full clone",
        "are not in this partial clone and were not scanned; scan a full clone",
    )
    TOO_LARGE = (
        "is larger than the limit and was not scanned; raise `max-file-bytes`",
        "are larger than the limit and were not scanned; raise `max-file-bytes`",
    )
    BINARY = ("is not text and was not scanned", "are not text and were not scanned")
    ARCHIVE = (
        "is an archive and was not looked into; scan the folder that it unpacks to",
        "are archives and were not looked into; scan the folders that they unpack to",
    )
    UNMARKED = (
        "is in UTF-16 without a byte order mark and was not scanned; convert it to UTF-8",
        "are in UTF-16 without a byte order mark and were not scanned; convert them to UTF-8",
    )
    TOO_SLOW = (
        "took too long and was not scanned completely; scan it by itself",
        "took too long and were not scanned completely; scan each by itself",
    )
    FAILED = (
        "was not scanned because of an unexpected {detail}; check the file, and please report this",
        "were not scanned because of an unexpected {detail}; check the files, and please report this",
    )


class SkippedFiles:
    """Collects the skipped paths; safe to share between threads."""

    def __init__(self) -> None:
        self._paths: dict[tuple[str, str], set[str]] = {}

    def add(self, reason: Reason, path: str, detail: str = "") -> None:
        """Add a path; those with the same reason and detail share a sentence."""
        self._paths.setdefault((reason.name, detail), set()).add(path)

    def add_all(self, others: SkippedFiles) -> None:
        """Add the paths that another has collected."""
        for kind, paths in others._paths.items():
            self._paths.setdefault(kind, set()).update(paths)

    def clear(self) -> None:
        """Forget them all."""
        self._paths.clear()

    def troubles(self, folder: Path) -> Iterator[Trouble]:
        """Yield one Trouble for each reason; the paths are relative to `folder`."""
        for (name, detail), paths in sorted(self._paths.items()):
            one, several = Reason[name].value
            first = [shown(path) for path in heapq.nsmallest(MOST_NAMED, paths)]
            rest = len(paths) - len(first)
            listed = ", ".join(first)
            if rest:
                listed += f" and {rest:,} more"
            elif len(first) > 1:
                listed = f"{', '.join(first[:-1])} and {first[-1]}"
            verb = (one if len(paths) == 1 else several).format(detail=detail)
            is_failure = Reason[name] in {Reason.FAILED, Reason.TOO_SLOW}
            yield Trouble(folder, f"{listed} {verb}.", is_failure)


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
