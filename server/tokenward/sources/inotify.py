"""Listening to single folders, by inotify.

watchdog would watch pruned folders too, take a thread for each folder otherwise, and say nothing when the
system's limits are reached; this listener raises at the limit on watches and tells of every overflow.
"""

from __future__ import annotations

import ctypes
import os
import select
import struct
import sys
from collections.abc import Callable, Sequence
from threading import Lock, Thread

assert sys.platform == "linux"  # noqa: S101 - only there is this module loaded

_MODIFY, _ATTRIB, _MOVED_FROM, _MOVED_TO = 0x2, 0x4, 0x40, 0x80
_CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF = 0x100, 0x200, 0x400, 0x800
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_ONLY_DIRECTORY, _DO_NOT_FOLLOW, _EXCLUDE_UNLINKED, _IS_DIRECTORY = (1 << bit for bit in (24, 25, 26, 30))

_LISTENED = (
    _MODIFY | _ATTRIB | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF
    | _ONLY_DIRECTORY | _EXCLUDE_UNLINKED
)  # fmt: skip
_HEADER = struct.Struct("iIII")
_BUFFER_BYTES = 1 << 18

_libc = ctypes.CDLL(None, use_errno=True)


class FolderListener:
    """Listens to each folder that it is told, and to none in it."""

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
        self._on_loss = on_loss
        self._lock = Lock()
        self._paths: dict[int, str] = {}
        self._numbers: dict[str, int] = {}
        self._descriptor = _checked(_libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC))
        self._end, self._signal = os.pipe()
        self._thread = Thread(target=self._listen, name="tokenward-inotify", daemon=True)
        self._thread.start()

    def watch(self, folder: str) -> None:
        # Only a root is the user's own choice; a link elsewhere may lead out of the workspace.
        mask = _LISTENED if folder in self._roots else _LISTENED | _DO_NOT_FOLLOW
        with self._lock:
            number = _checked(_libc.inotify_add_watch(self._descriptor, os.fsencode(folder), mask))
            self._paths[number] = folder
            self._numbers[folder] = number

    def forget(self, folder: str) -> None:
        with self._lock:
            number = self._numbers.pop(folder, None)
            # By now it may be the number of the same folder under another name.
            if number is not None and self._paths.get(number) == folder:
                del self._paths[number]
                # It fails where the folder, and with it the watch, is gone already.
                _libc.inotify_rm_watch(self._descriptor, number)

    def close(self) -> None:
        os.write(self._signal, b"\0")
        self._thread.join()
        for descriptor in (self._descriptor, self._end, self._signal):
            os.close(descriptor)

    def _listen(self) -> None:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.register(self._end, select.POLLIN)
        while all(ready != self._end for ready, _ in poll.poll()):
            try:
                events = os.read(self._descriptor, _BUFFER_BYTES)
            except BlockingIOError:
                continue
            self._hear(events)

    def _hear(self, events: bytes) -> None:
        place = 0
        while place < len(events):
            number, mask, _, length = _HEADER.unpack_from(events, place)
            name = events[place + _HEADER.size : place + _HEADER.size + length].rstrip(b"\0")
            place += _HEADER.size + length
            if mask & _OVERFLOW:
                self._on_loss()
            elif mask & _IGNORED:
                self._drop(number)
            elif not (mask & _IS_DIRECTORY and mask & (_MODIFY | _ATTRIB)):
                self._tell(number, name)

    def _drop(self, number: int) -> None:
        with self._lock:
            folder = self._paths.pop(number, None)
            if folder is not None and self._numbers.get(folder) == number:
                del self._numbers[folder]

    def _tell(self, number: int, name: bytes) -> None:
        with self._lock:
            folder = self._paths.get(number)
        if folder is not None:
            self._on_change(os.path.join(folder, os.fsdecode(name)) if name else folder)  # noqa: PTH118


def _checked(result: int) -> int:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result
