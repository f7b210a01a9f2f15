"""Presence: lets processes see which others are still alive."""

from __future__ import annotations

import errno
import os
import sys
import threading
from pathlib import Path

from tokenward.safe_files import ensure_private_file, unwritable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_lock = threading.Lock()
_mine: dict[tuple[Path, int], Presence] = {}


class Presence:
    """A byte of a shared file that this process keeps locked until it ends.

    The OS drops the lock however the process ends, so a reused process id or a restart is never mistaken for it.
    The file is never closed: POSIX would drop the lock with it.
    """

    def __init__(self, path: Path) -> None:
        ensure_private_file(path)
        try:
            self._descriptor = os.open(path, os.O_RDWR)
            status = os.fstat(self._descriptor)
            self.file = f"{status.st_dev}.{status.st_ino}"
            """Return the file's identity; in a file restored from a backup, no process is present."""
            self.marker = self._hold_a_byte()
        except OSError as error:
            raise unwritable(path, error) from None

    def is_alive(self, marker: int) -> bool:
        """Return whether the process with this marker is running."""
        with _lock:
            if marker == self.marker:
                return True
            if not _try_lock(self._descriptor, marker, alone=False):
                return True
            _unlock(self._descriptor, marker)
            return False

    def _hold_a_byte(self) -> int:
        while True:
            marker = int.from_bytes(os.urandom(4), "big") >> 2
            if _try_lock(self._descriptor, marker, alone=True):
                return marker


def presence(path: Path) -> Presence:
    """Return this process's presence in the file, acquired at the first call; a forked child has its own.

    Raises:
        StateDamaged: the file cannot be created or locked.
    """
    key = (path.resolve(), os.getpid())
    with _lock:
        if key not in _mine:
            _mine[key] = Presence(path)
        return _mine[key]


if sys.platform == "win32":

    def _try_lock(descriptor: int, byte: int, *, alone: bool) -> bool:  # noqa: ARG001
        os.lseek(descriptor, byte, os.SEEK_SET)
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EDEADLK):
                return False
            raise
        return True

    def _unlock(descriptor: int, byte: int) -> None:
        os.lseek(descriptor, byte, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(descriptor: int, byte: int, *, alone: bool) -> bool:
        # A shared lock, so that two processes that only check do not disturb each other.
        kind = fcntl.LOCK_EX if alone else fcntl.LOCK_SH
        try:
            fcntl.lockf(descriptor, kind | fcntl.LOCK_NB, 1, byte)
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EAGAIN):
                return False
            raise
        return True

    def _unlock(descriptor: int, byte: int) -> None:
        fcntl.lockf(descriptor, fcntl.LOCK_UN, 1, byte)
