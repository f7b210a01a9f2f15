"""The watcher: reports changes on disk in debounced batches, from a separate thread.

Where no listener reports them, polling compares walks, and checks single files.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Container, Iterable, Sequence
from contextlib import closing, suppress
from dataclasses import field
from itertools import chain
from pathlib import Path
from queue import Empty, Queue
from threading import Event, Lock, Thread, current_thread
from typing import TypeVar

from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown
from tokenward.sources.candidate import Candidate, FileState, Trouble, state_of
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import distinct_roots, walk
from tokenward.sources.watch.listener import LimitReached, ListenerFactory, system_listener
from tokenward.sources.watch.watched_folders import WatchedFolders

QUIET_SECONDS = 0.1
LONGEST_SECONDS = 1.0
ROOT_CHECK_SECONDS = 1.0
RESCAN_SECONDS = 600.0
POLL_SECONDS = 2.0
BURST = 1_000
"""The most changes at once from a listener that may lose changes."""
POLL_SHARE = 20
"""The share of time spent on polling: a poll that takes a second runs every twenty seconds."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A set of changes: first drop what is gone, then read what has changed.

    Attributes:
        changed: files to read, including created ones and those in moved folders.
        gone: files and folders that no longer exist or are no longer to be read.
        polled: polled files that changed, appeared or disappeared, whether walked or not.
        rescan: changes may have been missed, so walk everything; set in the first batch, once the watcher listens.
    """

    changed: tuple[Candidate, ...] = ()
    gone: frozenset[Path] = frozenset()
    polled: frozenset[Path] = frozenset()
    rescan: bool = False
    troubles: tuple[Trouble, ...] = ()

    def is_gone(self, path: Path) -> bool:
        """Return whether a file, or a folder around it, is gone."""
        return path in self.gone or not self.gone.isdisjoint(path.parents)


@dataclass(frozen=True, slots=True)
class Pace:
    """The watcher's intervals, in seconds."""

    poll: float = POLL_SECONDS
    rescan: float = RESCAN_SECONDS
    root_check: float = ROOT_CHECK_SECONDS


class Watcher:
    """Reports changes until it is closed."""

    def __init__(
        self,
        roots: Sequence[Path],
        choice: WalkChoice,
        on_batch: Callable[[Batch], None],
        *,
        polled: Iterable[Path] = (),
        pace: Pace | None = None,
        opening: ListenerFactory = system_listener,
    ) -> None:
        """Start listening; `on_batch` is called from the watcher's own thread, must not raise, and should be quick.

        Files to be `polled` may lie outside the roots. With neither, no batch ever comes.
        """
        self._roots = distinct_roots(roots)
        self._choice = choice
        self._on_batch = on_batch
        self._pace = pace or Pace()
        self._opening = opening
        self._changes = PendingChanges()
        self._polled = PolledFiles(polled)
        # Paths reported before anything is watched are covered by the walk that the first batch requests.
        self._may_concern: Callable[[str], bool] = lambda _: False
        self._thread = Thread(target=self._run, name="tokenward-watch", daemon=True)
        self._thread.start()

    def report_changes(self, paths: Iterable[str]) -> None:
        """Treat paths as if the system had reported them as changed; while polling, poll soon."""
        for path in paths:
            if path in self._polled or self._may_concern(path):
                self._changes.add_reported(path)

    def poll_files(self, paths: Iterable[Path]) -> None:
        """Poll exactly these files from now on."""
        self._polled.set_paths(paths)

    def close(self) -> None:
        """Stop, and wait for the thread unless it is the caller's own."""
        self._changes.close()
        if self._thread is not current_thread():
            self._thread.join()

    def _run(self) -> None:
        to_report: tuple[Trouble, ...] = ()
        try:
            while self._roots and not self._changes.is_closed:
                to_report = self._listen(to_report)
            if self._polled:
                # Nothing else is watched.
                while not self._changes.is_closed:
                    self._deliver(Batch(rescan=True))
                    until = time.monotonic() + self._pace.rescan
                    while time.monotonic() < until and not self._changes.is_closed:
                        self._changes.collect(self._pace.root_check)
                        self._deliver(Batch(polled=self._polled.changed()))
        except LimitReached as limit:
            self._poll(_limit_reached(self._roots, limit))

    def _listen(self, to_report: tuple[Trouble, ...]) -> tuple[Trouble, ...]:
        """Listen until everything must be walked again; return the batch to report then."""
        watched = WatchedFolders(self._roots, self._choice, lambda: self._changes.is_closed)

        def on_change(path: str) -> None:
            if watched.knows(path):
                self._changes.add(path)

        try:
            listener = self._opening(self._roots, on_change, self._changes.mark_incomplete)
        except OSError as error:
            raise LimitReached(error.errno) from None
        with closing(listener):
            self._may_concern = watched.may_concern
            watched.start(listener)
            self._deliver(Batch(rescan=True, troubles=to_report))
            return self._deliver_changes(watched, is_sure=listener.is_sure)

    def _deliver_changes(self, watched: WatchedFolders, *, is_sure: bool) -> tuple[Trouble, ...]:
        until = time.monotonic() + self._pace.rescan
        while time.monotonic() < until:
            collected = self._changes.collect(self._pace.root_check)
            if collected.is_incomplete:
                return (_overflowed(self._roots),)
            paths = collected.paths | watched.credible(collected.reported) | watched.polled_changes()
            if self._changes.is_closed or watched.has_new_rules(paths):
                break
            found, polled = watched.difference(paths), self._polled.changed(paths)
            missed = not is_sure and len(paths) > BURST
            self._deliver(Batch(tuple(found.changed.values()), frozenset(found.gone), polled, missed))
            if watched.tracks_other_files():
                break
        return ()

    def _poll(self, trouble: Trouble) -> None:
        self._may_concern = self._is_inside
        poll = WalkPoller(self._roots, self._choice, lambda: self._changes.is_closed)
        self._deliver(Batch(rescan=True, troubles=(trouble,)))
        while not self._changes.wait_closed(poll.seconds * POLL_SHARE):
            self._changes.collect(max(0.0, self._pace.poll - poll.seconds * POLL_SHARE))
            if self._changes.is_closed:
                return
            changed, gone = poll.difference()
            self._deliver(Batch(tuple(changed), frozenset(gone), self._polled.changed()))

    def _is_inside(self, path: str) -> bool:
        return any(path == root or path.startswith(root.rstrip(os.sep) + os.sep) for root in self._roots)

    def _deliver(self, batch: Batch) -> None:
        if batch != Batch() and not self._changes.is_closed:
            self._on_batch(batch)


def _overflowed(roots: Sequence[str]) -> Trouble:
    return Trouble(
        Path(roots[0]),
        f"More changed at once in {shown(roots[0])} than the system reports, so all of it is scanned again; if "
        "this happens often, run `sudo sysctl fs.inotify.max_queued_events=131072`.",
    )


def _limit_reached(roots: Sequence[str], limit: LimitReached) -> Trouble:
    setting = _SETTINGS.get(limit.args[0])
    remedy = f"run `sudo sysctl {setting}` and restart" if setting else "close other programs and restart"
    return Trouble(
        Path(roots[0]),
        f"The system allows no more folders to be watched, so {shown(roots[0])} is checked every few seconds "
        f"instead; {remedy}.",
    )


_SETTINGS = {
    errno.ENOSPC: "fs.inotify.max_user_watches=1048576",
    errno.EMFILE: "fs.inotify.max_user_instances=1024",
}


T = TypeVar("T")


def drain(queue: Queue[T]) -> list[T]:
    """Wait for an item, and return everything in a queue."""
    found = [queue.get()]
    with suppress(Empty):
        while True:
            found.append(queue.get_nowait())
    return found


def merged(batches: Sequence[Batch]) -> Batch:
    """Merge successive batches into one."""
    if len(batches) == 1:
        return batches[0]
    changed: dict[Path, Candidate] = {}
    gone: set[Path] = set()
    # From the last one backwards, because a file that is gone later need not be read.
    for batch in reversed(batches):
        for candidate in batch.changed:
            path = candidate.path
            if path not in changed and path not in gone and gone.isdisjoint(path.parents):
                changed[path] = candidate
        gone |= batch.gone
    return Batch(
        tuple(changed.values()),
        frozenset(gone),
        frozenset(chain.from_iterable(batch.polled for batch in batches)),
        any(batch.rescan for batch in batches),
        tuple(dict.fromkeys(trouble for batch in batches for trouble in batch.troubles)),
    )


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
