"""Files that only their user may read; others' files are refused."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from pathlib import Path

from tokenward.errors import StateDamaged
from tokenward.places import shown
from tokenward.safe_files import is_own


def ensure_private_file(path: Path) -> None:
    """Create an empty file, closed to others, unless it exists.

    An existing one is never opened here: closing it would drop the locks that SQLite holds on it.

    Raises:
        StateDamaged: it cannot be created, is not a regular file, or belongs to another user.
    """
    try:
        if not is_private_file(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
            is_private_file(path)
    except OSError as error:
        raise unwritable(path, error) from None


def is_private_file(path: Path) -> bool:
    """Return whether the file exists, and close it to others.

    Raises:
        StateDamaged: it is not a regular file, or belongs to another user.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    if not stat.S_ISREG(found.st_mode):
        raise StateDamaged(
            "{path} is not a regular file; move it away, and Tokenward creates a new one", path=shown(path)
        )
    if not is_own(found):
        raise StateDamaged(
            "{path} belongs to another user; move it away or change its owner with `chown`", path=shown(path)
        )
    if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)
    return True


def unwritable(path: Path, error: OSError) -> StateDamaged:
    """Return the failure for a file of ours that the OS refuses to open."""
    why = error.strerror or type(error).__name__
    return StateDamaged(
        "{path} cannot be used ({why}); make its folder writable for you", path=shown(path), why=why
    )
