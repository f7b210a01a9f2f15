"""Reads and replaces a file that only its owner may read."""

from __future__ import annotations

import errno
import os
import stat
import sys
from pathlib import Path

from tokenward import safe_files
from tokenward.errors import VaultUnavailable, VaultUntrusted


def read_private(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        VaultUnavailable: it is missing, or it cannot be read.
        VaultUntrusted: it is a link, or belongs to or is readable by another user.
    """
    if path.is_symlink():
        raise _link_refused(path)
    try:
        descriptor, status = safe_files.open_regular(path)
        with os.fdopen(descriptor, "rb") as file:
            _require_private(path, status)
            return file.read()
    except safe_files.NotRegular:
        raise VaultUntrusted("{path} is not a regular file; name another one.", path=path) from None
    except OSError as error:
        raise _unreadable(path, error) from None


def replace_private(path: Path, content: bytes) -> None:
    """Replace a file so that a crash leaves the old content or the new.

    The caller holds the lock of the file.

    Raises:
        VaultUnavailable: it cannot be written.
    """
    try:
        safe_files.remove_leftovers(path)
        safe_files.replace_private(path, content)
    except OSError as error:
        raise _unwritable(path, error) from None


def create_private(path: Path, content: bytes) -> None:
    """Write a file that does not exist yet, and its folder if necessary.

    Raises:
        VaultUnavailable: it exists, or it cannot be written.
        VaultUntrusted: others may write to its folder.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        require_own_folder(path.parent)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError:
        raise VaultUnavailable(
            "{path} already exists and was not changed; use it, or move it away.", path=path
        ) from None
    except OSError as error:
        raise _unwritable(path, error) from None
    replace_private(path, content)


def require_own_folder(folder: Path) -> None:
    """Refuse a folder in which another user may replace files.

    Raises:
        VaultUntrusted: others may.
    """
    mode = folder.stat().st_mode
    if sys.platform != "win32" and mode & 0o022 and not mode & stat.S_ISVTX:
        raise VaultUntrusted(
            "Other users may write to the folder {folder}; run `chmod go-w` on it first.", folder=folder
        )


def _require_private(path: Path, status: os.stat_result) -> None:
    if not safe_files.is_own(status):
        raise VaultUntrusted(
            "{path} belongs to another user; run `chown` on it, or name another file.", path=path
        )
    if sys.platform != "win32" and status.st_mode & 0o077:
        raise VaultUntrusted("Other users may open {path}; run `chmod 600` on it first.", path=path)


def _link_refused(path: Path) -> VaultUntrusted:
    return VaultUntrusted("{path} is a symbolic link; name the file that it points to.", path=path)


def _unreadable(path: Path, error: OSError) -> VaultUnavailable | VaultUntrusted:
    if error.errno == errno.ELOOP:
        return _link_refused(path)
    if error.errno == errno.ENOENT:
        return VaultUnavailable(
            "There is no encrypted file {path}; create it with `tokenward vault init --file`.", path=path
        )
    return VaultUnavailable(
        "{path} cannot be read ({strerror}); make it readable for you only.",
        path=path,
        strerror=error.strerror,
    )


def _unwritable(path: Path, error: OSError) -> VaultUnavailable:
    return VaultUnavailable(
        "{path} cannot be written ({strerror}); make its folder writable for you, and free some space.",
        path=path,
        strerror=error.strerror,
    )
