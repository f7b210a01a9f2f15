"""A log file from where reading started until another file replaces it."""

from __future__ import annotations

import contextlib
import itertools
import os
import stat
from collections.abc import Iterator
from dataclasses import field
from typing import NamedTuple

from tokenward.fast_dataclasses import dataclass
from tokenward.safe_files import NotRegular, open_regular

PORTION = 65_536
"""The most bytes that are returned at once."""
MOST_AT_ONCE = 1_048_576
"""The most bytes of a file that are read before the next file has its turn."""
LONGEST_COUNT = 268_435_456
"""The most bytes of earlier content whose lines are counted, which takes about a second."""
_REMEMBERED = 64
"""Bytes before a place by which it is recognised."""

Inode = tuple[int, int]
"""The identity of a file, whatever its name: device and number."""


@dataclass(frozen=True, slots=True)
class LogPortion:
    """Bytes that were appended to a file.

    Attributes:
        path: as it was named or matched by a pattern.
        data: at least a byte.
        at: the offset in the file, in bytes.
        line: the number of line feeds before it in the file; None if unknown.
        begins: it does not continue the path's previous portion: it is the first, or another file has taken
        the path, or the file was emptied.
    """

    path: str
    data: bytes = field(repr=False)
    at: int
    line: int | None
    begins: bool


class ReadPosition(NamedTuple):
    """The position up to which a file was read.

    Attributes:
        at: in bytes.
        line: the number of line feeds before that; None if they were not counted.
        before: the last bytes before it, as far as they were read.
    """

    at: int = 0
    line: int | None = 0
    before: bytes = b""


class LogFileReader:
    """Continues to read a file; for a single thread.

    Attributes:
        is_behind: there is more to read.
    """

    def __init__(self, path: str, place: ReadPosition, *, stays_open: bool) -> None:
        """Start at a place.

        Args:
            path: leads to the file, perhaps through links.
            place: where to start; a file that is now shorter is noticed later.
            stays_open: keep the file open, so that its rest can be read after it was moved elsewhere or deleted.

        Raises:
            OSError: it cannot be opened.
            NotRegular: it is not a regular file.
        """
        self._path = path
        descriptor, status = _open(path)
        self.inode: Inode = (status.st_dev, status.st_ino)
        self.is_behind = False
        self._at, self._line, self._before = place
        self._begins = True
        self._seen: tuple[int, int] | None = None
        self._descriptor: int | None = descriptor
        if self._at and not self._before:
            self._before = _read_at(descriptor, max(0, self._at - _REMEMBERED), min(self._at, _REMEMBERED))
        if not stays_open:
            self.close()

    @property
    def place(self) -> ReadPosition:
        """Return the position up to which the file was read."""
        return ReadPosition(self._at, self._line, self._before)

    def close(self) -> None:
        """Close the file."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def portions(self) -> Iterator[LogPortion]:
        """Yield what was appended since the last time, at most MOST_AT_ONCE.

        Raises:
            OSError: it cannot be read.
        """
        self.is_behind = False
        if self._descriptor is not None:
            yield from self._read(self._descriptor)
            return
        for path in itertools.chain([self._path], self._rotated()):
            try:
                descriptor, status = _open(path)
            except OSError:
                continue
            try:
                if (status.st_dev, status.st_ino) == self.inode:
                    yield from self._read(descriptor)
                    return
            finally:
                os.close(descriptor)

    def _rotated(self) -> Iterator[str]:
        """Yield the file's new path if it was renamed in its folder and its name still begins as before."""
        folder, name = os.path.split(self._path)
        with contextlib.suppress(OSError), os.scandir(folder or ".") as entries:
            for entry in entries:
                if entry.name.startswith(os.path.splitext(name)[0]) and entry.inode() == self.inode[1]:  # noqa: PTH122
                    yield entry.path

    def _read(self, descriptor: int) -> Iterator[LogPortion]:
        status = os.fstat(descriptor)
        state = status.st_size, status.st_mtime_ns
        if state == self._seen:
            return
        before = self._before
        is_there = status.st_size >= self._at
        if not is_there or _read_at(descriptor, self._at - len(before), len(before)) != before:
            # The file was emptied, and perhaps filled again.
            self._at, self._line, self._before = 0, 0, b""
            self._begins = True
            with contextlib.suppress(OSError, AttributeError):
                # Its writer may have kept its offset, which leaves a hole.
                self._at = os.lseek(descriptor, 0, os.SEEK_DATA)
        os.lseek(descriptor, self._at, os.SEEK_SET)
        remaining = MOST_AT_ONCE
        while remaining > 0:
            data = os.read(descriptor, min(remaining, PORTION))
            if not data:
                self._seen = state
                return
            if self._line is None and self._begins:
                self._line = _line_feeds(descriptor, self._at)
                os.lseek(descriptor, self._at + len(data), os.SEEK_SET)
            remaining -= len(data)
            portion = LogPortion(self._path, data, self._at, self._line, self._begins)
            self._begins = False
            self._at += len(data)
            self._line = None if self._line is None else self._line + data.count(b"\n")
            self._before = (self._before + data)[-_REMEMBERED:]
            yield portion
        self.is_behind = True


def _open(path: str) -> tuple[int, os.stat_result]:
    # Opening is enough to rewind some devices.
    if not stat.S_ISREG(os.stat(path).st_mode):  # noqa: PTH116
        raise NotRegular
    return open_regular(path, follow_links=True)


def _read_at(descriptor: int, place: int, count: int) -> bytes:
    os.lseek(descriptor, place, os.SEEK_SET)
    return os.read(descriptor, count)


def _line_feeds(descriptor: int, end: int) -> int | None:
    """Return the number of line feeds before a place; None if there is too much to count."""
    if end > LONGEST_COUNT:
        return None
    os.lseek(descriptor, 0, os.SEEK_SET)
    count, remaining = 0, end
    while remaining > 0 and (data := os.read(descriptor, min(remaining, MOST_AT_ONCE))):
        count += data.count(b"\n")
        remaining -= len(data)
    return count
