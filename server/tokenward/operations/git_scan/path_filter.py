"""Selects the files of a repository to scan: those that the user names, except excluded ones."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from tokenward.operations.scan.excluded import with_exclusions_summed_up
from tokenward.operations.scan.scan import walk_choice
from tokenward.settings import Settings
from tokenward.sources.candidate import IgnoredPath, Trouble
from tokenward.sources.git.changes import GitChange
from tokenward.sources.walk.selection import Selection


class PathFilter:
    """Selects changes, and records the paths that the workspace's own settings exclude."""

    def __init__(self, paths: frozenset[str], settings: Settings) -> None:
        """Take the files and folders to scan; none means all."""
        choice = walk_choice(settings)
        self._paths = paths
        self._own = Selection(replace(choice, workspace_exclude=()))
        self._workspace = Selection(replace(choice, exclude=()))
        self._excluded: set[str] = set()

    def selected(self, changes: Iterable[GitChange]) -> Iterator[GitChange]:
        """Yield the changes to scan."""
        for change in changes:
            path = change.path
            is_named = not self._paths or any(one in self._paths for one in (path, *folders_around(path)))
            if not is_named or not self._own.is_open(path, is_folder=False):
                continue
            if self._workspace.is_open(path, is_folder=False):
                yield change
            else:
                self._excluded.add(path)

    def troubles(self, folder: Path) -> Iterator[Trouble]:
        """Yield what the settings exclude; the paths are relative to `folder`."""
        excluded = (IgnoredPath(str(folder), path) for path in sorted(self._excluded))
        for one in with_exclusions_summed_up(excluded):
            if isinstance(one, Trouble):
                yield one


def folders_around(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the innermost first."""
    while path := path.rpartition("/")[0]:
        yield path
