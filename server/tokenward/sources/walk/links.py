"""Follows symbolic links, for users who enable it: never out of their root, and to each place once."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tokenward.places import shown
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.patterns.token_files import pruned_folders
from tokenward.sources.walk.selection import Selection, WalkFolder


class LinkFollower:
    """The places that a walk has visited, by their names without links."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def is_new(self, root: str, name: str) -> bool:
        """Return whether the walk visits a place for the first time."""
        place = (root, name)
        if place in self._seen:
            return False
        self._seen.add(place)
        return True

    def follow(
        self, folder: WalkFolder, name: str, selection: Selection
    ) -> WalkFolder | Candidate | Trouble | None:
        """Return the target of a link; None if the walk has visited it or does not go there."""
        link = os.path.join(folder.path, name)  # noqa: PTH118
        root, place = os.path.realpath(folder.root), os.path.realpath(link)
        if not place.startswith(root.rstrip(os.sep) + os.sep):
            why = f"{shown(link)} leads out of the workspace and was not followed; open its target too."
            return Trouble(Path(link), why) if place != root else None
        target = os.path.relpath(place, root).replace(os.sep, "/")
        is_pruned = any(part in pruned_folders().always for part in target.split("/"))
        try:
            status = os.lstat(place)
        except OSError:
            return None
        is_folder = stat.S_ISDIR(status.st_mode)
        if is_pruned or not selection.is_open(target, is_folder=is_folder):
            return None
        if is_folder and self.is_new(folder.root, f"{target}/"):
            return WalkFolder(folder.root, f"{target}/")
        if stat.S_ISREG(status.st_mode) and self.is_new(folder.root, target):
            return Candidate.of(folder.root, status, target)
        return None
