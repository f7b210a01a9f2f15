"""Which files of a repository are scanned: those that somebody names, but for what the settings exclude."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tokenward.operations.scan.excluded import gathered
from tokenward.operations.scan.scan import walk_choice
from tokenward.settings import Settings
from tokenward.sources.candidate import IgnoredPath, Trouble
from tokenward.sources.git.changes import GitChange
from tokenward.sources.walk.selection import Selection


class GitChoice:
    """Chooses among changes, and remembers what the workspace's own settings keep out."""

    def __init__(self, wanted: frozenset[str], settings: Settings) -> None:
        """Take the files and folders that are wanted, all if there are none."""
        choice = walk_choice(settings)
        self._wanted = wanted
        self._own = Selection(replace(choice, workspace_exclude=()))
        self._workspace = Selection(replace(choice, exclude=()))
        self._kept_out: set[str] = set()

    def of(self, changes: Iterable[GitChange]) -> Iterator[GitChange]:
        """Those of some changes that are to be scanned."""
        for change in changes:
            if not self._is_wanted(change.path) or not self._own.is_open(change.path, is_folder=False):
                continue
            if self._workspace.is_open(change.path, is_folder=False):
                yield change
            else:
                self._kept_out.add(change.path)

    def troubles(self, folder: Path) -> Iterator[Trouble]:
        """What was kept out; `folder` is what the paths are relative to."""
        for met in gathered(IgnoredPath(str(folder), path) for path in sorted(self._kept_out)):
            if isinstance(met, Trouble):
                yield met

    def _is_wanted(self, path: str) -> bool:
        return not self._wanted or any(around in self._wanted for around in (path, *folders_round(path)))


def folders_round(path: str) -> Iterator[str]:
    """The folders that a path lies in, the innermost first."""
    while path := path.rpartition("/")[0]:
        yield path
