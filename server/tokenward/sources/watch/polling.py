"""Polling: compares walks, and checks single files for changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Sequence
from pathlib import Path
from threading import Lock

from tokenward.sources.candidate import Candidate, FileState, state_of
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk


class WalkPoller:
    """The state of the roots at the last poll."""

    def __init__(self, roots: Sequence[str], choice: WalkChoice, is_closed: Callable[[], bool]) -> None:
        """Walk for the first time."""
        self._roots = [Path(root) for root in roots]
        self._choice = choice
        self._is_closed = is_closed
        self.seconds = 0.0
        self._known = {path: candidate.identity for path, candidate in self._walk().items()}

    def difference(self) -> tuple[list[Candidate], set[Path]]:
        """Walk again; return the files to read, and those that are gone."""
        found = self._walk()
        if self._is_closed():
            return [], set()
        changed = [
            candidate for path, candidate in found.items() if self._known.get(path) != candidate.identity
        ]
        gone = {Path(path) for path in self._known.keys() - found.keys()}
        self._known = {path: candidate.identity for path, candidate in found.items()}
        return changed, gone

    def _walk(self) -> dict[str, Candidate]:
        began = time.monotonic()
        found = walk(self._roots, self._choice, self._is_closed)
        by_path = {candidate.place: candidate for candidate in found if isinstance(candidate, Candidate)}
        self.seconds = time.monotonic() - began
        return by_path


_PolledState = tuple[FileState, FileState]
"""Of a file, and of the link that leads to it."""
_UNSEEN: _PolledState = ((-1,), ())


class PolledFiles:
    """Files by their given names, whatever links lead to them; safe to share between threads."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take files in their current state."""
        self._lock = Lock()
        self._states = {str(path): _state(path) for path in paths}

    def __contains__(self, path: object) -> bool:
        return path in self._states

    def __bool__(self) -> bool:
        return bool(self._states)

    def set_paths(self, paths: Iterable[Path]) -> None:
        """Poll exactly these files from now on; each new one counts as changed once."""
        with self._lock:
            self._states = {str(path): self._states.get(str(path), _UNSEEN) for path in paths}

    def changed(self, reported: Container[str] = ()) -> frozenset[Path]:
        """Return the files that have changed or were reported as changed."""
        with self._lock:
            before, self._states = self._states, {path: _state(path) for path in self._states}
            changed = (
                path for path, state in self._states.items() if path in reported or state != before[path]
            )
            return frozenset(map(Path, changed))


def _state(path: str | Path) -> _PolledState:
    return state_of(path, follow_links=True), state_of(path)
