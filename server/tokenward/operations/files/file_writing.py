"""Writing a user's file: as a whole or not at all, with the rights that it has, and over nobody else's change.

A new content is made in a folder of its own and changes places with the file, so that what was replaced can still be
looked at, and be put back if it is not what was read.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.errors import EditRefused, EditUncertain
from tokenward.operations.files.rights import Rights, give_rights, rights_of
from tokenward.operations.files.system_calls import exchange, is_at_rest
from tokenward.operations.files.workplace import Workplace, sync_folder, workplace
from tokenward.places import shown

_READ = os.O_RDONLY | sum(
    getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY")
)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
_WRITABLE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def require_writable(path: Path) -> None:
    """Return only if a file may be changed; renaming would replace one that is read-only without a word.

    Raises:
        OSError: it may not.
    """
    by_user = {"effective_ids": True} if os.access in os.supports_effective_ids else {}
    if not path.stat().st_mode & _WRITABLE or not os.access(path, os.W_OK, **by_user):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


def create_file(path: Path, content: bytes) -> None:
    """Put a new file where none is, whole at once where the file system can.

    Raises:
        OSError: there is one, or it cannot be written.
    """
    with workplace(path.parent) as place:
        _write(os.open(place.content, _NEW, 0o666), content)
        try:
            path.hardlink_to(place.content)
        except FileExistsError:
            raise
        except (OSError, NotImplementedError):
            _write(os.open(path, _NEW, 0o666), content)
        sync_folder(path.parent)


def replace_file(path: Path, content: bytes, before: bytes) -> None:
    """Put a new content in the place of the one that the edits were made for.

    Raises:
        EditRefused: the file is another one by now, or a new one in its place would not be the same; it stays.
        EditUncertain: two programs wrote it meanwhile, and both contents are kept.
        OSError: it cannot be written.
    """
    with workplace(path.parent) as place:
        with _opened(path) as original:
            seen = _look(original)
            if seen.content != before:
                raise _changed(path)
            if seen.names > 1:
                raise EditRefused(
                    f"{shown(path)} has another name (a hard link), which would keep the old text; edit it by hand."
                )
            _write_like(path, original, place.content, content)
        sync_folder(place.folder)
        _put(path, place, seen)
        sync_folder(path.parent)


def remove_file(path: Path, content: bytes) -> None:
    """Remove a file that this program made, unless it holds anything else by now.

    Raises:
        EditUncertain: others wrote two contents of it meanwhile, and both are kept.
        OSError: it cannot be removed.
    """
    with workplace(path.parent) as place:
        with _opened(path) as made:
            seen = _look(made)
        if seen.content != content:
            return
        path.rename(place.content)
        if not _is_unchanged(place.content, seen):
            try:
                path.hardlink_to(place.content)
            except OSError:
                raise _kept(path, place) from None


@dataclass(frozen=True, slots=True)
class _Look:
    """A file as it was seen: by how many names it goes, who may do what with it, and what it holds."""

    names: int
    rights: Rights
    content: bytes = field(repr=False)


def _look(descriptor: int) -> _Look:
    names = os.fstat(descriptor).st_nlink
    with os.fdopen(os.dup(descriptor), "rb") as file:
        file.seek(0)
        content = file.read()
    return _Look(names, rights_of(descriptor), content)


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """Yield a regular file, open to be read.

    Raises:
        EditRefused: a link or something else has come into its place.
    """
    if path.is_symlink():
        raise _changed(path)
    descriptor = os.open(path, _READ)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise _changed(path)
        yield descriptor
    finally:
        os.close(descriptor)


def _write_like(path: Path, original: int, copy: Path, content: bytes) -> None:
    """Write a file that only its user can read until it has the rights of another, which it has before the content."""
    descriptor = os.open(copy, _NEW, 0o600)
    if not give_rights(original, descriptor):
        os.close(descriptor)
        raise EditRefused(
            f"A new file in place of {shown(path)} could not get its owner, group or access rules, so it was left "
            "as it is; change it in an editor, or as its owner."
        )
    _write(descriptor, content)


def _write(descriptor: int, content: bytes) -> None:
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _put(path: Path, place: Workplace, seen: _Look) -> None:
    with _opened(place.content) as new:
        made = _look(new)
    if not _is_unchanged(path, seen):
        raise _changed(path)
    if _change_places(path, place) and not _is_unchanged(place.content, seen):
        _put_back(path, place, made)
        raise _changed(path)


def _change_places(path: Path, place: Workplace) -> bool:
    """Put a content in the place of a file, and the file in its; False where the file is gone instead.

    Where the system cannot exchange them at once, a file that comes by a renaming just then is lost.
    """
    # In this order, in which a program that watches the folder hears last that the file is there.
    if exchange(path, place.content):
        return True
    if sys.platform == "win32":
        # There the other name would stay for as long as somebody has the file open.
        place.content.replace(path)
        return False
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


def _put_back(path: Path, place: Workplace, made: _Look) -> None:
    """Put what was exchanged back in its place; what others wrote into ours since is kept."""
    try:
        is_back = _change_places(path, place) and _is_unchanged(place.content, made)
    except OSError:
        is_back = False
    if not is_back:
        raise _kept(path, place)


def _is_unchanged(path: Path, seen: _Look) -> bool:
    """Return whether a file is the one that was seen, as it was, and nobody is about to write to it."""
    try:
        with _opened(path) as descriptor:
            return is_at_rest(descriptor) and _look(descriptor) == seen
    except (EditRefused, OSError):
        return False


def _changed(path: Path) -> EditRefused:
    return EditRefused(
        f"{shown(path)} has changed since it was read, or another program has it open for writing; close that, and try "
        "again."
    )


def _kept(path: Path, place: Workplace) -> EditUncertain:
    return EditUncertain(
        f"Two other programs wrote {shown(path)} at the same time; what one of them wrote is in "
        f"{shown(place.keep())}, so compare the two."
    )
