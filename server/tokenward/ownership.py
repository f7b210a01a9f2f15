"""Whose a file is, so that what stands in it may bind a user, or count for one at all."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path


def is_administrators(path: Path, descriptor: int) -> bool:
    """Whether nobody but the administrator could have put a file there that was opened, or written to it."""
    # Whoever may write to a folder may put another file in the place of one that is in it.
    folders = {path.parent, path.resolve().parent}
    if sys.platform == "win32":
        return all(_belongs_to_administrators(place) for place in {path.resolve(), *folders})
    return all(map(_is_roots, [os.fstat(descriptor), *(folder.stat() for folder in folders)]))


def is_strangers(path: Path, folder: Path) -> bool:
    """Whether a file is of another user, who is neither the administrator nor the owner of a folder."""
    if sys.platform == "win32":
        return False
    try:
        owner = path.lstat().st_uid
    except OSError:
        return True
    return owner not in {0, os.geteuid(), *_owner(folder)}


def _owner(folder: Path) -> set[int]:
    """Whose a folder is, unless it is gone by now."""
    try:
        return {folder.stat().st_uid}
    except OSError:
        return set()


def _is_roots(status: os.stat_result) -> bool:
    return status.st_uid == 0 and not status.st_mode & (stat.S_IWGRP | stat.S_IWOTH)


if sys.platform == "win32":
    import ctypes

    _FILE_OBJECT = 1
    _OWNER = 1
    _LOCAL_SYSTEM = 22
    _ADMINISTRATORS = 26

    def _belongs_to_administrators(path: Path) -> bool:
        """Whether the owner is Administrators or the system itself; users may make folders where it lies."""
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
