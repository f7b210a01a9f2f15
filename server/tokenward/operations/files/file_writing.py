"""Writes a user's file: completely or not at all, with its current rights, and never over others' changes.

New content is written in a separate folder and exchanged with the file, so that the replaced content can still be
compared, and restored if it is not what was read.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from io import BufferedReader
from pathlib import Path
from typing import BinaryIO

from tokenward.errors import EditRefused, EditUncertain, FileChanged
from tokenward.operations.files.workplace import Workplace, sync_folder, workplace
from tokenward.places import shown
from tokenward.safe_files import CREATE_FLAGS, NotRegular, open_regular, retry_while_in_use, write_all

_OF_THE_SYSTEM = ("security.", "trusted.")
"""Attributes that the system sets by its own rules, from a file's content or place."""
_LABEL = "security.selinux"
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


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


def require_writable(path: Path) -> None:
    """Raise unless a file may be changed, because renaming would silently replace a read-only file.

    Raises:
        OSError: it may not be changed.
    """
    by_user = {"effective_ids": True} if os.access in os.supports_effective_ids else {}
    if not path.stat().st_mode & _WRITABLE or not os.access(path, os.W_OK, **by_user):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def create_file(path: Path, content: bytes) -> None:
    """Create a file, atomically if the file system can.

    Raises:
        OSError: it exists, or cannot be written.
    """
    with workplace(path.parent) as place:
        write_all(os.open(place.content, CREATE_FLAGS, 0o666), content)
        try:
            path.hardlink_to(place.content)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            write_all(os.open(path, CREATE_FLAGS, 0o666), content)
        sync_folder(path.parent)


def replace_file(path: Path, content: bytes, before: bytes) -> None:
    """Replace the content that the edits were made for.

    Raises:
        EditRefused: the file has changed, or a new one could not get all its properties; the file stays.
        EditUncertain: two other programs wrote it at the same time, and both contents are kept.
        OSError: it cannot be written.
    """
    _rewrite(path, lambda _: [content], _digest(before))


def rewrite_file(path: Path, rewritten: Callable[[BinaryIO], Iterable[bytes]]) -> str:
    """Replace a file's content by what a function makes of it piece by piece; keep its times, and return its SHA-256.

    Raises:
        EditRefused: as for `replace_file`, as are the others.
        EditUncertain: both contents are kept.
        OSError: it cannot be written.
    """
    return _rewrite(path, rewritten, None, keeps_times=True).digest.hex()


def _rewrite(
    path: Path,
    rewritten: Callable[[BinaryIO], Iterable[bytes]],
    before: bytes | None,
    *,
    keeps_times: bool = False,
) -> _Snapshot:
    with workplace(path.parent) as place:
        with _opened(path) as original:
            seen = _snapshot(original)
            if before is not None and seen.digest != before:
                raise _changed(path)
            if seen.names > 1:
                raise EditRefused(
                    "{path} has another name (a hard link), which would keep the old text; edit it by hand.",
                    path=shown(path),
                )
            times = os.fstat(original)
            with _stream(original) as stream:
                _write_like(path, original, place.content, rewritten(stream))
        if keeps_times:
            os.utime(place.content, ns=(times.st_atime_ns, times.st_mtime_ns))
        sync_folder(place.folder)
        made = _exchange_content(path, place, seen)
        sync_folder(path.parent)
        return made


def remove_file(path: Path, content: bytes) -> None:
    """Remove a file that this program created, unless its content has changed.

    Raises:
        EditUncertain: two other programs wrote it at the same time, and both contents are kept.
        OSError: it cannot be removed.
    """
    with workplace(path.parent) as place:
        with _opened(path) as made:
            seen = _snapshot(made)
        if seen.digest != _digest(content):
            return
        path.rename(place.content)
        if not _is_unchanged(place.content, seen):
            try:
                path.hardlink_to(place.content)
            except OSError:
                raise _kept(path, place) from None


@dataclass(frozen=True, slots=True)
class _Snapshot:
    """A file at one moment: its number of names, its rights and the SHA-256 of its content."""

    names: int
    rights: Rights
    digest: bytes = field(repr=False)


def _snapshot(descriptor: int) -> _Snapshot:
    names = os.fstat(descriptor).st_nlink
    with _stream(descriptor) as file:
        digest = hashlib.file_digest(file, "sha256").digest()
    return _Snapshot(names, rights_of(descriptor), digest)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _stream(descriptor: int) -> BufferedReader:
    """Return an open file from its start; closing it leaves the descriptor open."""
    file = os.fdopen(os.dup(descriptor), "rb")
    file.seek(0)
    return file


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Yield a regular file, open to be read.

    Raises:
        EditRefused: a link or something else has replaced it.
    """
    if path.is_symlink():
        raise _changed(path)
    try:
        descriptor, _ = open_regular(path)
    except NotRegular:
        raise _changed(path) from None
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _write_like(path: Path, original: int, copy: Path, content: Iterable[bytes]) -> None:
    """Write a private copy; it gets the rights of the original before the content."""
    descriptor = os.open(copy, CREATE_FLAGS, 0o600)
    if not give_rights(original, descriptor):
        os.close(descriptor)
        raise EditRefused(
            "A new file in place of {path} could not get its owner, group or access rules, so it was "
            "left as it is; change it in an editor, or as its owner.",
            path=shown(path),
        )
    write_all(descriptor, content)


def _exchange_content(path: Path, place: Workplace, seen: _Snapshot) -> _Snapshot:
    """Put the new content in the place of the file; return how it is there."""
    with _opened(place.content) as new:
        made = _snapshot(new)
    if not _is_unchanged(path, seen):
        raise _changed(path)
    if _change_places(path, place) and not _is_unchanged(place.content, seen):
        # Undo the exchange, and keep what others have since written into our file.
        try:
            is_back = _change_places(path, place) and _is_unchanged(place.content, made)
        except OSError:
            is_back = False
        if not is_back:
            raise _kept(path, place)
        raise _changed(path)
    return made


def _change_places(path: Path, place: Workplace) -> bool:
    """Exchange a file with the new content; return False if the file is gone instead.

    If the system cannot exchange them atomically, a file that is renamed to this path at that moment is lost.
    """
    # In this order, so that a program that watches the folder sees the file appear last.
    if exchange(path, place.content):
        return True
    if sys.platform == "win32":
        retry_while_in_use(lambda: replace_keeping(path, place.content, place.replaced))
        retry_while_in_use(lambda: place.replaced.replace(place.content))
        return True
    try:
        place.replaced.hardlink_to(path)
    except FileNotFoundError:
        raise
    except OSError:
        place.content.replace(path)
        return False
    place.content.replace(path)
    place.replaced.replace(place.content)
    return True


def _is_unchanged(path: Path, seen: _Snapshot) -> bool:
    """Return whether a file is unchanged, and no program is about to write to it."""
    try:
        with _opened(path) as descriptor:
            return is_at_rest(descriptor) and _snapshot(descriptor) == seen
    except (EditRefused, OSError):
        return False


def _changed(path: Path) -> FileChanged:
    return FileChanged(
        "{path} has changed since it was read, or another program has it open for writing; close it, "
        "and try again.",
        path=shown(path),
    )


def _kept(path: Path, place: Workplace) -> EditUncertain:
    return EditUncertain(
        "Two other programs wrote {path} at the same time; the version of one of them is in "
        "{copy}, so compare the two.",
        path=shown(path),
        copy=shown(place.preserve_content()),
    )


@dataclass(frozen=True, slots=True)
class Rights:
    """A file's owner, group and mode, and on Linux its attributes, which include the access control list."""

    owner: int
    group: int
    mode: int
    attributes: dict[str, bytes] = field(default_factory=dict)


def rights_of(descriptor: int) -> Rights:
    """Return the rights of an open file."""
    status = os.fstat(descriptor)
    return Rights(status.st_uid, status.st_gid, stat.S_IMODE(status.st_mode), _attributes(descriptor))


def give_rights(original: int, copy: int) -> bool:
    """Give an open file the rights of another; return False if it cannot get all of them."""
    if sys.platform == "win32":
        return True
    wanted = rights_of(original)
    # One by one: a user who may not give a file away may still give it to one of their groups.
    for owner, group in ((-1, wanted.group), (wanted.owner, -1)):
        with contextlib.suppress(OSError):
            os.fchown(copy, owner, group)
    _give_attributes(wanted, copy)
    # SELinux attributes can be set if the policy allows it.
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setxattr(copy, _LABEL, os.getxattr(original, _LABEL))
    with contextlib.suppress(OSError):
        os.fchmod(copy, wanted.mode)
    return copy_access(original, copy) and rights_of(copy) == wanted


def _attributes(descriptor: int) -> dict[str, bytes]:
    if sys.platform != "linux":
        return {}
    try:
        names = os.listxattr(descriptor)
    except OSError:
        # The file system has no attributes.
        return {}
    return {name: os.getxattr(descriptor, name) for name in names if not name.startswith(_OF_THE_SYSTEM)}


def _give_attributes(rights: Rights, copy: int) -> None:
    if sys.platform != "linux":
        return
    # A new file inherits the list of its folder.
    for name in _attributes(copy).keys() - rights.attributes.keys():
        with contextlib.suppress(OSError):
            os.removexattr(copy, name)
    for name, value in rights.attributes.items():
        with contextlib.suppress(OSError):
            os.setxattr(copy, name, value)
