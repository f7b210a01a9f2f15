"""A file worth reading as the walk saw it, and reasons why files were not read."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from typing import NamedTuple

from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown
from tokenward.safe_files import reason_of

_MOUNT_POINT = 0xA0000003


class Identity(NamedTuple):
    """The state of a file: it changes when the file does.

    Attributes:
        mtime_ns: when its content was last changed; programs can set it.
        ctime_ns: when it was last changed in any way.
        name: relative to its root, because some rules apply only to some names.
    """

    device: int
    inode: int
    size: int
    mtime_ns: int
    ctime_ns: int
    name: str

    @classmethod
    def of(cls, status: os.stat_result, name: str) -> Identity:
        """Create an identity from a file's status."""
        state = (status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns, name)
        # Half as long as a call of the class, for each file twice.
        return tuple.__new__(cls, state)


class Candidate(NamedTuple):
    """A regular file that is worth reading.

    Attributes:
        identity: its state when its folder was listed; only device, inode and name if no state was asked for.
        weight: its size in bytes, or that of a file near it.
    """

    root: str
    identity: Identity
    weight: int

    @classmethod
    def of(cls, root: str, status: os.stat_result, name: str) -> Candidate:
        """Create a candidate from a file's status."""
        return tuple.__new__(cls, (root, Identity.of(status, name), status.st_size))

    @property
    def name(self) -> str:
        """Return the path that rules see: relative to the root, with `/`, and lone surrogates for undecodable bytes."""
        return self.identity.name

    @property
    def path(self) -> Path:
        """Return the path of the file."""
        return Path(self.root, self.identity.name)

    @property
    def place(self) -> str:
        """Return the path as a string, which is far cheaper than a Path."""
        root = self.root
        return (
            f"{root}{self.identity.name}" if root.endswith(os.sep) else f"{root}{os.sep}{self.identity.name}"
        )


@dataclass(frozen=True, slots=True)
class Trouble:
    """A file or folder that was not read, and why in one sentence.

    Attributes:
        is_failure: it should have been read, so a scan without it must not look like one that found nothing.
    """

    path: Path
    sentence: str
    is_failure: bool = False


def unreadable(path: str | Path, error: Exception) -> Trouble:
    """Return the trouble of a file that exists but cannot be read."""
    return Trouble(Path(path), f"{shown(path)} cannot be read ({reason_of(error)}); check its permissions.")


class IgnoredPath(NamedTuple):
    """A file or folder that the workspace's own settings exclude; a folder's name ends with `/`."""

    root: str
    name: str

    @property
    def path(self) -> Path:
        """Return the path of the file or folder."""
        return Path(self.root, self.name)


def status_of(entry: os.DirEntry[str]) -> os.stat_result:
    """Return the status of the entry itself, without following a link."""
    # Only Windows lacks the identity of files in a listing.
    return os.lstat(entry.path) if sys.platform == "win32" else entry.stat(follow_symlinks=False)


def is_link(entry: os.DirEntry[str]) -> bool:
    """Return whether an entry is a symbolic link or a junction."""
    return entry.is_symlink() or (sys.platform == "win32" and is_junction(entry.stat(follow_symlinks=False)))


def is_junction(status: os.stat_result) -> bool:
    """Return whether this is a junction: a link to a folder that Windows reports as a folder."""
    return getattr(status, "st_reparse_tag", 0) == _MOUNT_POINT


FileState = tuple[int, ...]


def state_of(path: str | Path, *, follow_links: bool = False) -> FileState:
    """Return a value that changes when a file is written or replaced, or a folder is replaced; empty without one."""
    try:
        status = os.stat(path, follow_symlinks=follow_links)  # noqa: PTH116 - a text too
    except (OSError, ValueError):
        return ()
    changed = (status.st_size, status.st_mtime_ns, status.st_ctime_ns)
    return status.st_dev, status.st_ino, *(() if stat.S_ISDIR(status.st_mode) else changed)
