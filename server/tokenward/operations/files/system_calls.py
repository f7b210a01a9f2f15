"""File operations that Python does not offer."""

from __future__ import annotations

import ctypes
import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path

if sys.platform == "linux":
    import fcntl

_EXCHANGE = 2
"""The flag of both renameat2 and renamex_np."""
_HERE = -100
"""The current folder, to which paths are relative."""
_ACCESS_LIST, _ATTRIBUTES = 1 << 0, 1 << 2
"""Flags of fcopyfile."""
_UNABLE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
_SETTABLE = 0x2026
"""Attributes of a file on Windows: hidden, of the system, to be archived, not to be indexed."""
_PATIENCE = 0.5
"""Seconds that another program may take to finish writing."""
_PAUSE = 0.005


def exchange(one: Path, other: Path) -> bool:
    """Exchange two files atomically; return False if the system or the file system cannot.

    Raises:
        OSError: it can, but failed.
    """
    call = _exchange_call()
    if call is None:
        return False
    if call(os.fsencode(one), os.fsencode(other)) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNABLE:
        return False
    raise OSError(number, os.strerror(number))


def replace_keeping(path: Path, new: Path, backup: Path) -> None:
    """Put a new file in a file's place on Windows, with the latter's access rules, attributes and alternate streams.

    The replaced file goes to the backup's path.

    Raises:
        OSError: it cannot be replaced, and stays.
    """
    if sys.platform != "win32":
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.SetFileAttributesW(str(new), kernel.GetFileAttributesW(str(path)) & _SETTABLE)
    if kernel.ReplaceFileW(str(path), str(new), str(backup), 0, None, None):
        return
    failure = ctypes.WinError(ctypes.get_last_error())
    failure.filename = str(path)
    # It may have failed after the first of its two renames.
    if backup.exists() and not path.exists():
        backup.rename(path)
    raise failure


def is_at_rest(descriptor: int) -> bool:
    """Wait until no other program has a file open for writing; return False if one keeps it open.

    On Linux, programs that then open it for writing wait until the descriptor is closed; elsewhere, nobody can tell.
    """
    if sys.platform != "linux":
        return True
    # By default, the system would report such an opening with a signal that ends the process.
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        except BlockingIOError:
            if time.monotonic() > until:
                return False
            time.sleep(_PAUSE)
        except OSError:
            # The file is another user's, or its file system does not support leases.
            return True
        else:
            return True


def copy_access(original: int, copy: int) -> bool:
    """Copy the access control list and the attributes of an open file on macOS; return False if that fails."""
    if sys.platform != "darwin":
        return True
    flags = ctypes.c_uint32(_ACCESS_LIST | _ATTRIBUTES)
    return int(ctypes.CDLL(None).fcopyfile(original, copy, None, flags)) == 0


@cache
def _exchange_call() -> Callable[[bytes, bytes], int] | None:
    if sys.platform == "win32":
        return None
    system = ctypes.CDLL(None, use_errno=True)
    if sys.platform == "darwin":
        swap = getattr(system, "renamex_np", None)
        return swap and (lambda one, other: swap(one, other, ctypes.c_uint(_EXCHANGE)))
    rename = getattr(system, "renameat2", None)
    return rename and (lambda one, other: rename(_HERE, one, _HERE, other, ctypes.c_uint(_EXCHANGE)))
