"""The identity of a folder, which survives a change of its path."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tokenward.fast_dataclasses import dataclass

MARK = "user.tokenward"
"""The extended attribute that identifies a folder on Linux; no clone and no archive contains it."""

_TEXT = re.compile(r"(mark:[0-9a-f]{32}|born:[0-9.]+(?:-[0-9]+)?) ([0-9]+)")
_MARK = re.compile(rb"[0-9a-f]{32}")


@dataclass(frozen=True, slots=True)
class FolderIdentity:
    """Two properties that a folder keeps when it is renamed.

    Attributes:
        proof: a property that no other folder has: a random mark, or its time of birth.
        number: its number in the file system. A copy may have the same proof, but never the same number;
            a new folder may get the number of a deleted one.
    """

    proof: str
    number: int

    def __str__(self) -> str:
        return f"{self.proof} {self.number}"

    @classmethod
    def from_text(cls, text: str | None) -> FolderIdentity | None:
        """Parse the identity in a record, if there is one.

        Raises:
            ValueError: the text is not an identity.
        """
        if text is None:
            return None
        match = _TEXT.fullmatch(text)
        if match is None:
            raise ValueError("no identity of a folder")
        return cls(match[1], int(match[2]))


def identity_of(folder: Path) -> FolderIdentity | None:
    """Return a folder's identity; None if it has none yet, or its file system supports none."""
    with contextlib.suppress(OSError, ValueError):
        return _identity_of(folder)
    return None


def give_identity(folder: Path) -> FolderIdentity | None:
    """Return a folder's identity, after marking it on systems that need a mark."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError, ValueError), _opened(folder) as descriptor:
            # A folder with a mark keeps it: another home's records may rely on it.
            if _mark_on(descriptor) is None:
                # If two processes mark it at once, one fails, and both read the same mark.
                os.setxattr(descriptor, MARK, os.urandom(16).hex().encode(), os.XATTR_CREATE)
    return identity_of(folder)


if sys.platform == "linux":

    def _identity_of(folder: Path) -> FolderIdentity | None:
        with _opened(folder) as descriptor:
            mark = _mark_on(descriptor)
            return FolderIdentity(f"mark:{mark.decode()}", os.fstat(descriptor).st_ino) if mark else None

    def _mark_on(descriptor: int) -> bytes | None:
        try:
            mark = os.getxattr(descriptor, MARK)
        except OSError as error:
            if error.errno == errno.ENODATA:
                return None
            raise
        return mark if _MARK.fullmatch(mark) else None

    @contextlib.contextmanager
    def _opened(folder: Path) -> Iterator[int]:
        """Open a folder once, so that mark and number belong to the same folder."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            yield descriptor
        finally:
            os.close(descriptor)

else:

    def _identity_of(folder: Path) -> FolderIdentity | None:
        status = folder.stat()
        if sys.platform == "win32":
            # Windows gives a recreated name the birth time of its predecessor for some seconds.
            proof = f"born:{getattr(status, 'st_birthtime', status.st_ctime)}-{status.st_ino}"
        else:
            proof = f"born:{getattr(status, 'st_birthtime', 0)}"
        # A file system without numbers or times of birth reports zero.
        has_both = status.st_ino > 0 and not proof.startswith(("born:0", "born:-"))
        return FolderIdentity(proof, status.st_ino) if has_both else None
