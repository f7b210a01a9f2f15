"""Opens files that others may have created, and replaces files that only their user may read."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from tokenward.errors import StateDamaged, TokenwardError
from tokenward.language import phrase
from tokenward.places import shown

if sys.platform == "win32":
    import _winapi
    import msvcrt

    _SHARED = 1 | 2 | 4
    """What other programs may do to an open file: read it, write it, and rename or delete it."""

    def _open(path: str | os.PathLike[str], _flags: int) -> int:
        """Open a file for reading; `os.open` would forbid others to rename or delete it."""
        name = os.fspath(path)
        try:
            handle = _winapi.CreateFile(name, _winapi.GENERIC_READ, _SHARED, 0, _winapi.OPEN_EXISTING, 0, 0)
        except OSError as error:
            number = error.errno or 0
            # In the words of `os.open`.
            raise OSError(number, os.strerror(number), name) from None
        return msvcrt.open_osfhandle(handle, os.O_RDONLY)
else:
    _open = os.open

_FLAGS = {
    name: getattr(os, name, 0) for name in ("O_NOFOLLOW", "O_NONBLOCK", "O_NOCTTY", "O_CLOEXEC", "O_BINARY")
}
READ_FLAGS = os.O_RDONLY | sum(_FLAGS.values())
"""Flags that neither follow a link, nor wait for a FIFO's writer, nor adopt a terminal."""
CREATE_FLAGS = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _FLAGS["O_CLOEXEC"] | _FLAGS["O_BINARY"]

_IN_USE = (5, 32, 33)
"""Windows' errors for a file that another program has open: access denied, sharing violation, lock violation."""
_PATIENCE_SECONDS, _PAUSE_SECONDS = 1.0, 0.02
_SUFFIX = ".part"
_LONGEST_PREFIX = 40
"""Characters of a file's name in that of its temporary file, because the system limits the length of a name."""


class NotRegular(OSError):
    """The path names a folder, FIFO, socket or device."""


def open_regular(path: str | os.PathLike[str], *, follow_links: bool = False) -> tuple[int, os.stat_result]:
    """Open a regular file for reading; return its descriptor and status.

    If the system has no O_NOFOLLOW, a link is followed. Other programs may still rename or delete the file.

    Raises:
        NotRegular: the path names something else.
        OSError: the file cannot be opened.
    """
    descriptor = _open(path, READ_FLAGS & ~_FLAGS["O_NOFOLLOW"] if follow_links else READ_FLAGS)
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "not a regular file")
    return descriptor, status


def reason_of(error: Exception) -> str:
    """Return why a file cannot be opened or read, in the system's words if it has any."""
    return getattr(error, "strerror", None) or type(error).__name__


def read_own(path: Path, limit: int) -> bytes:
    """Return the content of a regular file that belongs to this user.

    Raises:
        OSError: the file is another user's, is larger than the limit, or cannot be read.
    """
    descriptor, status = open_regular(path)
    with os.fdopen(descriptor, "rb") as file:
        if not is_own(status) or status.st_size > limit:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return file.read(limit)


def is_own(status: os.stat_result) -> bool:
    """Return whether a file belongs to this user; on Windows its folder's rights decide."""
    return sys.platform == "win32" or status.st_uid == os.geteuid()


def replace_private(path: Path, content: bytes | Iterable[bytes], *, durable: bool = True) -> None:
    """Write or replace a file that only its user may read, so that a crash leaves the old content or the new.

    Args:
        path: the file, in a folder that exists.
        content: all of it, or its pieces in order.
        durable: whether the new content must survive a power cut.

    Raises:
        OSError: it cannot be written; the old content is still there.
    """
    with _temporary(path, content, durable=durable) as temporary:
        retry_while_in_use(lambda: temporary.replace(path))
    if durable:
        sync_folder(path.parent)


def create_private(path: Path, content: bytes) -> None:
    """Create a file that only its user may read, whole at once.

    Raises:
        FileExistsError: another process was first.
        OSError: it cannot be written.
    """
    with _temporary(path, content) as temporary:
        if sys.platform == "win32":
            # On Windows, renaming never replaces a file.
            temporary.rename(path)
        else:
            path.hardlink_to(temporary)
    sync_folder(path.parent)


def retry_while_in_use(change: Callable[[], object]) -> None:
    """Make a change of a name; on Windows, wait a second for a program that has the file open, such as a scanner.

    Raises:
        OSError: it cannot be made.
    """
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            change()
        except OSError as error:
            if getattr(error, "winerror", None) not in _IN_USE or time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return


def remove_leftovers(path: Path) -> None:
    """Remove the temporary files of `replace_private` calls that were killed; the caller holds the file's lock."""
    for entry in path.parent.iterdir():
        if entry.name.startswith(_prefix(path)) and entry.name.endswith(_SUFFIX):
            with contextlib.suppress(OSError):
                entry.unlink()


def write_all(descriptor: int, content: bytes | Iterable[bytes], *, durable: bool = True) -> None:
    """Write to a new file and close it; durable content survives a power cut."""
    with os.fdopen(descriptor, "wb") as file:
        file.writelines([content] if isinstance(content, bytes) else content)
        if durable:
            file.flush()
            os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut; Windows has no such call."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _temporary(path: Path, content: bytes | Iterable[bytes], *, durable: bool = True) -> Iterator[Path]:
    """Write a temporary file beside another until the block ends; mkstemp makes it readable for its user only."""
    import tempfile  # noqa: PLC0415 - most commands write nothing

    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path), suffix=_SUFFIX)
    try:
        write_all(descriptor, content, durable=durable)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _prefix(path: Path) -> str:
    return f".{path.name[:_LONGEST_PREFIX]}."


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
            phrase("{path} is not a regular file; move it away, and Tokenward creates a new one"),
            path=shown(path),
        )
    if not is_own(found):
        raise StateDamaged(
            phrase("{path} belongs to another user; move it away or change its owner with `chown`"),
            path=shown(path),
        )
    if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)
    return True


def unwritable(path: Path, error: OSError) -> StateDamaged:
    """Return the failure for a file of ours that the OS refuses to open."""
    why = reason_of(error)
    return StateDamaged(
        phrase("{path} cannot be used ({why}); make its folder writable for you"), path=shown(path), why=why
    )


def write_private(path: Path, content: bytes | Iterable[bytes]) -> None:
    """Write a file that a person named and only that person can read, completely or not at all.

    Raises:
        TokenwardError: the path names something other than a file, or cannot be written.
    """
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise TokenwardError(
            f"{shown(path)} is not a regular file, so nothing was written; name another file."
        )
    try:
        replace_private(path, content)
    except OSError as error:
        raise TokenwardError(
            f"{shown(path)} cannot be written ({error.strerror}); choose another path."
        ) from None
