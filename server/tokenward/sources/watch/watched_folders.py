"""The watched folders, and what a changed path means for them."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.sources.candidate import Candidate, FileState, is_junction, state_of
from tokenward.sources.walk.git_index import GitIndex
from tokenward.sources.walk.selection import (
    GIT_EXCLUDES,
    IGNORE_FILE,
    EntryVerdict,
    Selection,
    WalkChoice,
    WalkFolder,
)
from tokenward.sources.walk.walk import Listing, list_file, list_folder, nested_roots, unentered_file
from tokenward.sources.watch.listener import LimitReached, Listener

_LIMITS = {errno.ENOSPC, errno.EMFILE, errno.ENFILE, errno.ENOMEM}
_UNSEEN: FileState = (-1,)


@dataclass(slots=True)
class Difference:
    """Paths to drop, and then files to read."""

    gone: set[Path] = field(default_factory=set)
    changed: dict[str, Candidate] = field(default_factory=dict)
    entered: set[str] = field(default_factory=set)

    def add(self, listing: Listing) -> None:
        """Add the files of a listing."""
        self.changed |= {candidate.place: candidate for candidate in listing.candidates}


class WatchedFolders:
    """Every folder that a walk of the roots would enter, with the rules that apply in it."""

    def __init__(self, roots: Sequence[str], choice: WalkChoice, is_closed: Callable[[], bool]) -> None:
        self._roots: dict[str, FileState] = dict.fromkeys(roots, ())
        # A link would be watched under two names; its target is watched under its own.
        self._selection = Selection(choice, nested_roots(roots, choice))
        self._is_closed = is_closed
        self._folders: dict[str, WalkFolder] = {}
        self._polled = PolledGitFiles()
        self._rule_states: dict[str, FileState] = {}

    def knows(self, path: str) -> bool:
        """Return whether a path can matter; called by the listener's own thread."""
        return path in self._folders or os.path.dirname(path) in self._folders or path in self._roots  # noqa: PTH120

    def may_concern(self, path: str) -> bool:
        """Return whether a path that a client reports can matter; called by any thread."""
        return self.knows(path) or self._polled.place(path) is not None

    def start(self, listener: Listener) -> None:
        """Listen to every folder.

        Raises:
            LimitReached: the system allows no more.
        """
        self._listener = listener
        self._replaced_roots()
        for root in self._roots:
            self._enter_root(root, Difference())

    def polled_changes(self) -> set[str]:
        """Return changes that no listener reports."""
        return self._replaced_roots() | self._polled.changed()

    def _replaced_roots(self) -> set[str]:
        """Return the replaced roots, because no listener reports when a folder above them is moved."""
        states = {root: state_of(root, follow_links=True) for root in self._roots}
        replaced = {root for root, state in states.items() if state != self._roots[root]}
        self._roots = states
        return replaced

    def credible(self, named: Iterable[str]) -> set[str]:
        """Return those reported paths that may have changed, after checking rules and polled files."""
        return {
            path
            for path in named
            if self.knows(path)
            and self._polled.place(path) is None
            and not (self._is_special(path) and state_of(path) == self._rule_states.get(path, ()))
        }

    def has_new_rules(self, paths: Iterable[str]) -> bool:
        """Return whether one of the paths decides what is scanned."""
        return any(self._is_special(path) or self._polled.is_rules(path) for path in paths)

    def _is_special(self, path: str) -> bool:
        return bool(self._selection.special_names([os.path.basename(path)]))  # noqa: PTH119

    def tracks_other_files(self) -> bool:
        """Return whether Git has started or stopped tracking files that it ignores."""
        return any(
            names is None or any(self._is_ignored(top, name) for name in names)
            for top, names in self._polled.changed_names()
        )

    def difference(self, paths: Iterable[str]) -> Difference:
        """Return the effect of changed paths on the watched folders.

        Raises:
            LimitReached: the system allows no more watched folders.
        """
        difference = Difference()
        changed_paths = set(paths)
        # A reported folder is no longer the one that is watched.
        replaced = changed_paths & self._folders.keys()
        self._forget(replaced)
        difference.gone.update(map(Path, replaced))
        # Folders come before what is in them.
        for path in sorted(changed_paths, key=len):
            if path not in difference.entered:
                self._apply_change(path, difference)
        return difference

    def _apply_change(self, path: str, difference: Difference) -> None:
        if path in self._roots:
            self._enter_root(path, difference)
            return
        if (place := self._polled.place(path)) is not None:
            candidate = unentered_file(*place)
            if candidate is None:
                difference.gone.add(Path(path))
            else:
                difference.changed[path] = candidate
            return
        folder = self._folders.get(os.path.dirname(path))  # noqa: PTH120
        if folder is None:
            return
        try:
            status = os.lstat(path)
        except OSError:
            difference.gone.add(Path(path))
            return
        self._apply_entry(folder, path, status, difference)

    def _apply_entry(
        self, folder: WalkFolder, path: str, status: os.stat_result, difference: Difference
    ) -> None:
        name = os.path.basename(path)  # noqa: PTH119
        if stat.S_ISDIR(status.st_mode) and not is_junction(status):
            # It may have been a file before.
            difference.gone.add(Path(path))
            found = self._selection.subfolder(folder, name)
            if isinstance(found, WalkFolder):
                self._enter(found, difference)
        elif not stat.S_ISREG(status.st_mode):
            difference.gone.add(Path(path))
        elif self._selection.file_verdict(folder, name) is EntryVerdict.INCLUDED:
            difference.changed[path] = Candidate.of(folder.root, status, folder.name + name)

    def _is_ignored(self, top: WalkFolder, name: str) -> bool:
        """Return whether a file of a repository is scanned only while Git tracks it."""
        path = os.path.join(top.path, name)  # noqa: PTH118
        above = os.path.dirname(path)  # noqa: PTH120
        if (folder := self._folders.get(above)) is not None:
            return self._selection.is_ignored(folder, top.name + name, os.path.basename(path))  # noqa: PTH119
        while above not in self._folders and len(above) > len(top.path):
            path, above = above, os.path.dirname(above)  # noqa: PTH120
        # An existing folder may be left out only because nothing in it was tracked.
        return os.path.isdir(path)  # noqa: PTH112

    def _enter_root(self, root: str, difference: Difference) -> None:
        try:
            status = os.stat(root)  # noqa: PTH116
        except OSError:
            difference.gone.add(Path(root))
            return
        if stat.S_ISDIR(status.st_mode):
            self._enter(WalkFolder(root), difference)
        else:
            difference.add(list_file(root, status))

    def _enter(self, top: WalkFolder, difference: Difference) -> None:
        waiting = [top]
        while waiting and not self._is_closed():
            folder = waiting.pop()
            path = folder.path
            # In this order, so that a change in between is either reported or listed.
            self._folders[path] = folder
            self._listen(path)
            excludes = state_of(os.path.join(path, GIT_EXCLUDES))  # noqa: PTH118
            rules = state_of(os.path.join(path, IGNORE_FILE))  # noqa: PTH118
            listing = list_folder(folder, self._selection)
            for special in (os.path.join(path, name) for name in listing.special):  # noqa: PTH118
                is_rules = special.endswith(IGNORE_FILE)
                self._rule_states[special] = rules if is_rules else state_of(special)
            self._polled.add(folder, listing.unentered, excludes)
            if listing.is_pruned:
                self._forget({path})
            difference.entered.add(path)
            difference.add(listing)
            waiting.extend(listing.folders)

    def _listen(self, path: str) -> None:
        try:
            self._listener.watch(path)
        except OSError as error:
            if error.errno in _LIMITS:
                raise LimitReached(error.errno) from None

    def _forget(self, folders: set[str]) -> None:
        """Stop listening to folders and to everything in them."""
        if folders:
            for known in [known for known in self._folders if _is_in(known, folders)]:
                del self._folders[known]
                self._listener.forget(known)
            self._polled.retain(self._folders)
            self._rule_states = {path: state for path, state in self._rule_states.items() if self.knows(path)}


class PolledGitFiles:
    """Git's configuration, ignore rules and index of each working tree, and similar files.

    They are in folders that are never entered, where no listener reports changes.
    """

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


def _is_in(path: str, folders: set[str]) -> bool:
    while path not in folders:
        above = os.path.dirname(path)  # noqa: PTH120
        if above == path:
            return False
        path = above
    return True
