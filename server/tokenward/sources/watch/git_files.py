"""Polls files that matter in folders that are never entered, where no listener reports changes."""

from __future__ import annotations

import os
from collections.abc import Container, Iterator, Sequence

from tokenward.sources.candidate import FileState, state_of
from tokenward.sources.walk.git_index import GitIndex
from tokenward.sources.walk.selection import GIT_EXCLUDES, WalkFolder

_UNSEEN: FileState = (-1,)


class PolledGitFiles:
    """Git's configuration, ignore rules and index of each working tree, and similar files."""

    def __init__(self) -> None:
        self._files: dict[str, tuple[WalkFolder, str]] = {}
        self._states: dict[str, FileState] = {}
        self._repositories: dict[GitIndex, WalkFolder] = {}

    def add(self, folder: WalkFolder, names: Sequence[str], rules: FileState) -> None:
        """Poll the files that matter in a folder from now on.

        Args:
            folder: a folder that was just listed.
            names: the names of files in it, which may be missing; each counts as changed once.
            rules: the state of Git's own ignore rules for the folder before it was listed.
        """
        for name in names:
            path = os.path.join(folder.path, name)  # noqa: PTH118
            self._files[path] = folder, name
            self._states[path] = _UNSEEN
        if folder.git_index is not None and folder.git_index not in self._repositories:
            path = os.path.join(folder.path, GIT_EXCLUDES)  # noqa: PTH118
            self._repositories[folder.git_index] = folder
            self._files[path] = folder, GIT_EXCLUDES
            self._states[path] = rules

    def retain(self, folders: Container[str]) -> None:
        """Stop polling the files of all other folders."""
        self._files = {path: place for path, place in self._files.items() if place[0].path in folders}
        self._states = {path: state for path, state in self._states.items() if path in self._files}
        self._repositories = {one: top for one, top in self._repositories.items() if top.path in folders}

    def changed(self) -> set[str]:
        """Return the files that have changed."""
        states = {path: state_of(path) for path in self._states}
        changed = {path for path, state in states.items() if state != self._states[path]}
        self._states = states
        return changed

    def place(self, path: str) -> tuple[WalkFolder, str] | None:
        """Return the folder of a polled file, and its name there; None for any other path."""
        return self._files.get(path)

    def is_rules(self, path: str) -> bool:
        """Return whether a path is one of Git's own ignore files."""
        return path in self._files and self._files[path][1] == GIT_EXCLUDES

    def changed_names(self) -> Iterator[tuple[WalkFolder, set[str] | None]]:
        """Yield the names added to or removed from the index of each working tree."""
        for repository, top in self._repositories.items():
            yield top, repository.changed_names()
