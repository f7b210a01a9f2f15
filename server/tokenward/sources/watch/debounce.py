"""Collects changed paths until nothing changes for a moment."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Event, Lock

QUIET_SECONDS = 0.1
LONGEST_SECONDS = 1.0


@dataclass(slots=True)
class CollectedChanges:
    """Changed paths, others that a client reports, and whether changes were lost."""

    paths: set[str] = field(default_factory=set)
    reported: set[str] = field(default_factory=set)
    is_incomplete: bool = False


class PendingChanges:
    """Passes changes from the listening threads to the one that delivers batches."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._collected = CollectedChanges()
        self._number = 0
        self._arrived = Event()
        self._closed = Event()

    @property
    def is_closed(self) -> bool:
        """Return whether no more changes are accepted."""
        return self._closed.is_set()

    def add(self, path: str) -> None:
        """Add a changed path."""
        with self._lock:
            self._collected.paths.add(path)
            self._arrive()

    def add_reported(self, path: str) -> None:
        """Add a path that a client reports as changed, perhaps wrongly."""
        with self._lock:
            self._collected.reported.add(path)
            self._arrive()

    def mark_incomplete(self) -> None:
        """Note that changes were lost."""
        with self._lock:
            self._collected.is_incomplete = True
            self._arrived.set()

    def collect(self, patience: float) -> CollectedChanges:
        """Wait for a change, and then until nothing more changes, but no longer than the patience."""
        if self._arrived.wait(patience):
            until, before = time.monotonic() + LONGEST_SECONDS, -1
            while before != self._number and time.monotonic() < until:
                before = self._number
                if self._closed.wait(QUIET_SECONDS):
                    break
        with self._lock:
            collected, self._collected = self._collected, CollectedChanges()
            self._arrived.clear()
        return collected

    def close(self) -> None:
        """Wake every waiting thread."""
        self._closed.set()
        self._arrived.set()

    def wait_closed(self, seconds: float) -> bool:
        """Wait some seconds; return whether it was closed."""
        return self._closed.wait(seconds)

    def _arrive(self) -> None:
        self._number += 1
        self._arrived.set()
