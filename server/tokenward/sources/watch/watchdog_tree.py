"""Listens to whole trees with watchdog, for systems in which each folder costs nothing."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import ObservedWatch

from tokenward.places import canonical

_QUIET_EVENTS = {"opened", "closed_no_write"}


class TreeListener:
    """Listens to each root and everything in it, even pruned folders; may lose changes in a burst."""

    is_sure = False

    def __init__(
        self, roots: Sequence[str], on_change: Callable[[str], None], _on_loss: Callable[[], None]
    ) -> None:
        self._roots = frozenset(roots)
        self._on_change = on_change
        self._watches: dict[str, ObservedWatch] = {}
        self._observer = Observer()
        self._observer.start()

    def watch(self, folder: str) -> None:
        if folder in self._roots and folder not in self._watches:
            # macOS reports paths with all links resolved, and in the spelling of the file system.
            place = canonical(folder)
            handler = _Handler(place, folder, self._on_change)
            self._watches[folder] = self._observer.schedule(handler, place, recursive=True)

    def forget(self, folder: str) -> None:
        watch = self._watches.pop(folder, None)
        if watch is not None:
            self._observer.unschedule(watch)

    def close(self) -> None:
        self._observer.stop()
        self._observer.join()


class _Handler(FileSystemEventHandler):
    def __init__(self, place: str, root: str, on_change: Callable[[str], None]) -> None:
        self._place = place
        self._root = root
        self._on_change = on_change

    def dispatch(self, event: FileSystemEvent) -> None:
        if event.event_type in _QUIET_EVENTS or (event.is_directory and event.event_type == "modified"):
            return
        for path in (event.src_path, event.dest_path):
            if path:
                self._on_change(self._root + os.fsdecode(path).removeprefix(self._place))
