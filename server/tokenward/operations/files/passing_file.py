"""PassingFile: a file with values that lasts as long as a command, and the record by which it is found afterwards.

The record is on the disk before the file, and never describes its content: the file is recognised by its number and,
once it is complete, by its size and time.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import stat
import sys
from collections.abc import Sequence
from pathlib import Path

from tokenward.fast_dataclasses import dataclass
from tokenward.model import Secret
from tokenward.safe_files import CREATE_FLAGS, is_own, read_own, sync_folder, write_all

_CREATE = CREATE_FLAGS | getattr(os, "O_NOFOLLOW", 0)
_MODE = 0o600
_LONGEST_RECORD = 100_000


@dataclass(frozen=True, slots=True)
class PassingFile:
    """A file to create for a command.

    Attributes:
        path: where; nothing may be there.
        others: more files in that folder, with their content.
    """

    path: Path
    content: Secret
    values: Sequence[Secret]
    folder: Path | None = None
    others: Sequence[tuple[Path, Secret]] = ()


def create(file: PassingFile, record: Path) -> None:
    """Record a file and create it, readable only by its user.

    Raises:
        FileExistsError: something is there; it was not changed.
        OSError: it cannot be written.
    """
    paths = [os.fsencode(file.path), os.fsencode(file.folder) if file.folder else b""]
    _write(os.open(record, _CREATE, _MODE), *paths)
    sync_folder(record.parent)
    sync_folder(record.parent.parent)
    has_folder = False
    try:
        if file.folder:
            file.folder.mkdir(0o700)
            has_folder = True
            for path in (file.path, *(path for path, _ in file.others)):
                path.parent.mkdir(0o700, parents=True, exist_ok=True)
        _create_file(file, record)
        for path, content in file.others:
            write_all(os.open(path, _CREATE, _MODE), _encoded(content))
    except FileExistsError:
        # What is there is not ours to remove, except in our own folder, where two names may be the same to the system.
        if has_folder:
            remove_left(record)
        else:
            record.unlink()
        raise
    except OSError:
        remove_left(record)
        raise


def _create_file(file: PassingFile, record: Path) -> None:
    descriptor = os.open(file.path, _CREATE, _MODE)
    try:
        status = os.fstat(descriptor)
        _extend(record, *_identity(status))
        if sys.platform != "win32" and status.st_mode & 0o077:
            raise PermissionError(errno.EPERM, "its file system would let others read it")
    except OSError:
        os.close(descriptor)
        raise
    write_all(descriptor, _encoded(file.content))
    _extend(record, *_version(file.path.lstat()))


def remove(file: PassingFile, record: Path) -> bool:
    """Remove a file after its command; return False if the command replaced it by one with none of the values.

    Raises:
        OSError: it cannot be removed.
    """
    is_gone = _remove_folder(file.folder) if file.folder else _remove_file(file, record)
    record.unlink()
    return is_gone


def _remove_file(file: PassingFile, record: Path) -> bool:
    try:
        status = file.path.lstat()
    except FileNotFoundError:
        return True
    is_ours = _is_plain(status) and _identity(status) == _read(record)[2:4]
    if is_ours or _holds(file, status):
        file.path.unlink()
        return True
    return False


def remove_left(record: Path) -> None:
    """Remove the file of a record, unless it was changed or replaced, or its whole private folder; then the record.

    Raises:
        OSError: it cannot be removed.
    """
    path, folder, *known = _read(record)
    if folder:
        _remove_folder(Path(os.fsdecode(folder)))
    elif path:
        with contextlib.suppress(FileNotFoundError):
            file = Path(os.fsdecode(path))
            if _is_left(file.lstat(), known):
                file.unlink()
    record.unlink(missing_ok=True)


def changed_left(record: Path) -> Path | None:
    """Return the file of a record if it was changed since, so that its user has to decide; None otherwise."""
    path, folder, *known = _read(record)
    file = Path(os.fsdecode(path))
    try:
        status = file.lstat()
    except OSError:
        return None
    is_same = path and not folder and _is_plain(status) and _identity(status) == known[:2]
    return file if is_same and not _is_left(status, known) else None


def _remove_folder(folder: Path) -> bool:
    with contextlib.suppress(FileNotFoundError):
        shutil.rmtree(folder)
    return True


def _is_left(status: os.stat_result, known: Sequence[bytes]) -> bool:
    if not _is_plain(status):
        return False
    if known[2:]:
        return known == [*_identity(status), *_version(status)]
    # Incomplete; a file that its user made since may have the same number, but hardly the same mode.
    is_private = sys.platform == "win32" or stat.S_IMODE(status.st_mode) == _MODE
    return is_private and (known == _identity(status) if known else status.st_size == 0)


def _is_plain(status: os.stat_result) -> bool:
    return is_own(status) and stat.S_ISREG(status.st_mode)


def _holds(file: PassingFile, status: os.stat_result) -> bool:
    """Return whether what replaced a file has one of its values."""
    if not stat.S_ISREG(status.st_mode):
        return False
    try:
        content = read_own(file.path, limit=10 * len(_encoded(file.content)) + 10_000_000)
    except OSError:
        return False
    return any(value in content for value in map(_encoded, file.values) if value)


def _identity(status: os.stat_result) -> list[bytes]:
    return [b"%d" % status.st_dev, b"%d" % status.st_ino]


def _version(status: os.stat_result) -> list[bytes]:
    return [b"%d" % status.st_size, b"%d" % status.st_mtime_ns]


def _read(record: Path) -> list[bytes]:
    """Return a record's fields, two at least; a pair of them that was not written completely is left out."""
    fields: list[bytes] = []
    with contextlib.suppress(FileNotFoundError):
        fields = read_own(record, _LONGEST_RECORD).split(b"\0")[:-1]
    return fields[: len(fields) // 2 * 2] or [b"", b""]


def _extend(record: Path, *fields: bytes) -> None:
    _write(os.open(record, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0)), *fields)


def _write(descriptor: int, *fields: bytes) -> None:
    write_all(descriptor, b"".join(field + b"\0" for field in fields))


def _encoded(text: Secret) -> bytes:
    return text.reveal().encode("utf-8", "surrogateescape")
