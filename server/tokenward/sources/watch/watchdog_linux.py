"""Listens to single folders, with watchdog's own reader of inotify.

watchdog's observers would also watch pruned folders; its reader needs one descriptor for all folders, raises at the
system's limits, and reports every overflow.
"""

from __future__ import annotations

import errno
import logging
import os
from collections.abc import Callable, Sequence
from itertools import count
from threading import Lock

from watchdog.observers.inotify_c import (
    CallbackId,
    InotifyConstants,
    InotifyEvent,
    InotifyFD,
    Mask,
    WatchDescriptor,
)

_LISTENED = (
    InotifyConstants.IN_MODIFY
    | InotifyConstants.IN_ATTRIB
    | InotifyConstants.IN_MOVE
    | InotifyConstants.IN_CREATE
    | InotifyConstants.IN_DELETE
    | InotifyConstants.IN_DELETE_SELF
    | InotifyConstants.IN_MOVE_SELF
    | InotifyConstants.IN_ONLYDIR
    | InotifyConstants.IN_EXCL_UNLINK
)
_NO_WATCH = -1
"""watchdog's result for a folder that may not be read; for everything else, it raises."""

# Overflows are reported to the user instead of stderr.
logging.getLogger("watchdog.observers.inotify_c").setLevel(logging.CRITICAL)


class FolderListener:
    """Listens to each given folder, but not to its subfolders."""

    is_sure = True

    def __init__(
        self, roots: Sequence[str], on_change: Callable[[str], None], on_loss: Callable[[], None]
    ) -> None:
        """Start to listen.

        Raises:
            OSError: the system allows the user no more listeners.
        """
        self._roots = frozenset(roots)
        self._on_change = on_change
        self.on_queue_overflow = on_loss
        self._lock = Lock()
        self._ids = count()
        self._paths: dict[WatchDescriptor, str] = {}
        self._watches: dict[str, tuple[WatchDescriptor, CallbackId]] = {}
        self._inotify = InotifyFD()
        self._inotify.start()

    def watch(self, folder: str) -> None:
        # Only a root is the user's own choice; a link elsewhere may lead out of the workspace.
        link = 0 if folder in self._roots else InotifyConstants.IN_DONT_FOLLOW
        # An event of the new watch waits until the folder's path is known.
        with self._lock:
            id_ = CallbackId(next(self._ids))
            watch = self._inotify.add_callback(os.fsencode(folder), Mask(_LISTENED | link), self, id_)
            if watch == _NO_WATCH:
                self._inotify.remove_callbacks([(watch, id_)])
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
            self._paths[watch] = folder
            self._watches[folder] = watch, id_

    def forget(self, folder: str) -> None:
        with self._lock:
            watch = self._watches.pop(folder, None)
            if watch is None:
                return
            # By now it may be the watch of the same folder under another name, which continues.
            if self._paths.get(watch[0]) == folder:
                del self._paths[watch[0]]
            self._inotify.remove_callbacks([watch])

    def close(self) -> None:
        self._inotify.stop()
        self._inotify.join()

    def on_event(self, event: InotifyEvent) -> None:
        """Called by watchdog, in its thread."""
        if event.mask & InotifyConstants.IN_ISDIR and (event.is_modify or event.is_attrib):
            return
        with self._lock:
            folder = self._paths.get(event.wd)
        if folder is not None:
            path = os.path.join(folder, os.fsdecode(event.name)) if event.name else folder  # noqa: PTH118
            self._on_change(path)

    def on_watch_deleted(self, wd: WatchDescriptor) -> None:
        """Called by watchdog, in its thread, when a folder is gone, and when everything ends."""
        with self._lock:
            folder = self._paths.pop(wd, None)
            if folder is not None and self._watches.get(folder, (None,))[0] == wd:
                del self._watches[folder]
