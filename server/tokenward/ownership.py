"""The owner of a file, which decides whether its content may restrict a user, or count at all."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path


def is_administrators(path: Path, descriptor: int) -> bool:
    """Return whether only the administrator could have created or written a file that was opened."""
    # A user who may write to a folder may replace any file in it.
    folders = {path.parent, path.resolve().parent}
    if sys.platform == "win32":
        return all(_belongs_to_administrators(place) for place in {path.resolve(), *folders})
    return all(map(_is_roots, [os.fstat(descriptor), *(folder.stat() for folder in folders)]))


def is_strangers(path: Path, folder: Path) -> bool:
    """Return whether a file belongs to a user who is not this one, the administrator or the owner of a folder."""
    if sys.platform == "win32":
        return False
    owners = {0, os.geteuid()}
    with contextlib.suppress(OSError):
        owners.add(folder.stat().st_uid)
    try:
        return path.lstat().st_uid not in owners
    except OSError:
        return True


def _is_roots(status: os.stat_result) -> bool:
    return status.st_uid == 0 and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


if sys.platform == "win32":
    import ctypes

    _FILE_OBJECT = 1
    _OWNER = 1
    _LOCAL_SYSTEM = 22
    _ADMINISTRATORS = 26

    def _belongs_to_administrators(path: Path) -> bool:
        """Return whether the owner is Administrators or the system; users may make folders beside it."""
        security, kernel = ctypes.WinDLL("advapi32"), ctypes.WinDLL("kernel32")
        owner, descriptor = ctypes.c_void_p(), ctypes.c_void_p()
        failed = security.GetNamedSecurityInfoW(
            ctypes.c_wchar_p(str(path)),
            _FILE_OBJECT,
            _OWNER,
            ctypes.byref(owner),
            None,
            None,
            None,
            ctypes.byref(descriptor),
        )
        if failed:
            return False
        try:
            return any(security.IsWellKnownSid(owner, sid) for sid in (_LOCAL_SYSTEM, _ADMINISTRATORS))
        finally:
            kernel.LocalFree(descriptor)
