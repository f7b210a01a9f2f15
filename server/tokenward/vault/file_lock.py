"""A lock between processes, on a file that is never removed."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tokenward.errors import VaultTimeout, VaultUnavailable

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

_PAUSE = 0.005


@contextlib.contextmanager
def hold_file_lock(path: Path, patience: float) -> Iterator[None]:
    """Hold the lock during the block; the operating system releases it if the process dies.

    Raises:
        VaultTimeout: another process held it the whole time.
        VaultUnavailable: the lock file cannot be opened.
    """
    deadline = time.monotonic() + patience
    descriptor = _open(path)
    while not try_lock(descriptor):
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise VaultTimeout(
                "Another Tokenward process is still using the keyring (lock file {path}); answer its prompt "
                "or end it, and try again.",
                path=path,
            )
        time.sleep(_PAUSE)
        descriptor = _open(path)
    try:
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    safe = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_CLOEXEC", 0)
    try:
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            return os.open(path, os.O_RDWR | os.O_CREAT | safe, 0o600)
        except OSError as error:
            if error.errno != errno.EROFS:
                raise
            # On a read-only file system, an existing file can still be locked.
            return os.open(path, os.O_RDONLY | safe)
    except OSError as error:
        raise VaultUnavailable(
            "The lock file {path} cannot be opened ({strerror}); make its folder writable for you.",
            path=path,
            strerror=error.strerror,
        ) from None


def try_lock(descriptor: int) -> bool:
    """Lock an open file until it is closed; return False if another process has locked it."""
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
