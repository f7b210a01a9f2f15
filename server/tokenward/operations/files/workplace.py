"""A private folder beside a user's file for its new content, hidden from Git."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from tokenward import safe_files
from tokenward.fast_dataclasses import dataclass
from tokenward.vault.file_lock import try_lock

_PREFIX, _SUFFIX, _KEPT = ".tokenward-", ".tmp", ".kept"
PRIVATE = 0o700
_MODE = 0o777 if sys.platform == "win32" else PRIVATE
"""On Windows, a file created in a private folder would stay private after a move."""
_ATTEMPTS = 5
_FAR = 1 << 20
"""The locked part of the mark, beyond its content, because nobody can read a locked part on Windows."""


@dataclass(frozen=True, slots=True)
class Workplace:
    """A folder for one write, removed when the write ends; if its process dies, the next write removes it."""

    folder: Path

    @property
    def content(self) -> Path:
        """Return the path of the new content."""
        return self.folder / "content"

    @property
    def replaced(self) -> Path:
        """Return the path for the replaced file."""
        return self.folder / "replaced"

    @property
    def passing(self) -> Path:
        """Return the path for the record of a file elsewhere; its owner removes both before this folder goes."""
        return self.folder / "passing"

    @property
    def mark(self) -> Path:
        """Return the file that hides the folder from Git and, while locked, shows that its process is alive."""
        return self.folder / ".gitignore"

    def preserve_content(self) -> Path:
        """Keep the content for the user, still hidden from Git, and return its path."""
        name = f"{_PREFIX}{secrets.token_hex(4)}{_KEPT}"
        return self.folder.rename(self.folder.with_name(name)) / self.content.name


@contextlib.contextmanager
def workplace(
    beside: Path, inspect: Callable[[Workplace], None] = lambda _: None, *, mode: int = _MODE
) -> Iterator[Workplace]:
    """Yield a new folder beside a user's file, after inspecting and removing those of dead processes."""
    remove_leftovers(beside, inspect)
    place, mark = _begun(beside, mode)
    try:
        yield place
    finally:
        os.close(mark)
        # The written file is what counts; a later write removes what cannot be removed now.
        with contextlib.suppress(OSError):
            _remove(place)


def remove_leftovers(folder: Path, inspect: Callable[[Workplace], None] = lambda _: None) -> None:
    """Inspect and remove the remains of interrupted writes in a folder, which may contain a whole file's tokens."""
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            is_named_so = entry.name.startswith(_PREFIX) and entry.name.endswith(_SUFFIX)
            if is_named_so and entry.is_dir(follow_symlinks=False):
                with contextlib.suppress(OSError):
                    _remove_if_left(Workplace(Path(entry)), inspect)


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut, if the system can."""
    with contextlib.suppress(OSError):
        safe_files.sync_folder(folder)


def _begun(beside: Path, mode: int) -> tuple[Workplace, int]:
    """Return a new folder and its open mark, locked if the file system can; until then, others may remove both."""
    for left in reversed(range(_ATTEMPTS)):
        place = Workplace(beside / f"{_PREFIX}{secrets.token_hex(8)}{_SUFFIX}")
        place.folder.mkdir(mode)
        with contextlib.suppress(FileNotFoundError):
            mark = os.open(place.mark, os.O_RDWR | os.O_CREAT | os.O_EXCL | safe_files.READ_FLAGS, 0o600)
            try:
                if (_lock(mark) or not left) and os.fstat(mark).st_nlink:
                    os.write(mark, b"*\n")
                    os.fsync(mark)
                    return place, mark
            except OSError:
                os.close(mark)
                raise
            os.close(mark)
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


def _remove_if_left(place: Workplace, inspect: Callable[[Workplace], None]) -> None:
    """Remove a folder whose process died; without a mark, it is still empty."""
    try:
        mark = os.open(place.mark, os.O_RDWR | safe_files.READ_FLAGS)
    except FileNotFoundError:
        place.folder.rmdir()
        return
    try:
        is_left = _lock(mark)
        if is_left:
            inspect(place)
        if is_left and sys.platform != "win32":
            _remove(place)
    finally:
        os.close(mark)
    if is_left and sys.platform == "win32":
        # On Windows, an open file cannot be removed.
        _remove(place)


def _remove(place: Workplace) -> None:
    if os.path.lexists(place.passing):
        # The file that it records could not be removed, so a later command must find it.
        raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY))
    # The mark goes last: if we are killed here, Git must not see the others.
    for path in (place.content, place.replaced, place.mark):
        if sys.platform == "win32":
            with contextlib.suppress(OSError):
                # On Windows, a read-only file cannot be removed.
                path.chmod(0o600)
        safe_files.retry_while_in_use(partial(path.unlink, missing_ok=True))
    place.folder.rmdir()


def _lock(descriptor: int) -> bool:
    os.lseek(descriptor, _FAR, os.SEEK_SET)
    try:
        return try_lock(descriptor)
    finally:
        os.lseek(descriptor, 0, os.SEEK_SET)
