"""Reading a file that a repository put there, without being hung, flooded or led elsewhere by it."""

from __future__ import annotations

import codecs
import contextlib
import errno
import os
import stat
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.places import shown
from tokenward.sources.candidate import Candidate, Identity, Trouble
from tokenward.sources.patterns import token_kinds

SNIFFED = 8_000
"""Bytes in which a NUL says that a file is no text; Git looks at as many."""
SETTLED_NS = 2_000_000_000
"""A change within the same tick of the file system's clock, at worst of two seconds, leaves no trace."""

_FLAGS = sum(getattr(os, name, 0) for name in ("O_NONBLOCK", "O_NOFOLLOW", "O_CLOEXEC", "O_BINARY"))
# The longer mark first, because the shorter one begins it.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes.

    Attributes:
        data: all of them.
        identity: of the file that they were read from; None when the file is so young, or was so busy,
            that it may change without its identity changing, so that nothing may be kept under it.
    """

    data: bytes = field(repr=False)
    identity: Identity | None

    def text(self) -> str:
        """The text; a byte that is no UTF-8 is a lone surrogate in it, so that offsets can be told."""
        for mark, encoding in _MARKS:
            # A mark alone may have been put there to make ASCII unreadable.
            if self.data.startswith(mark) and b"\0" in self.data[len(mark) :]:
                with contextlib.suppress(UnicodeDecodeError):
                    return self.data.decode(encoding)
        return self.data.decode("utf-8", "surrogateescape")


def read_content(candidate: Candidate, limit: int) -> Content | Trouble | None:
    """What stands in a file; None when it is gone by now, or no text."""
    path = candidate.path
    try:
        with _opened(path) as (descriptor, status):
            return _read(candidate, descriptor, status, limit)
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in _GONE:
            return None
        why = getattr(error, "strerror", None) or type(error).__name__
        return Trouble(path, f"{shown(path)} cannot be read ({why}); see to its permissions.")


def read_small(path: Path, limit: int) -> bytes | None:
    """A file of the repository's own settings; None when there is no regular file.

    Raises:
        OSError: it cannot be read, or is larger than the limit.
    """
    try:
        with _opened(path) as (descriptor, status):
            return _small(descriptor, limit) if stat.S_ISREG(status.st_mode) else None
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise


@contextmanager
def _opened(path: Path) -> Iterator[tuple[int, os.stat_result]]:
    # Neither a FIFO without a writer nor a link that has just been put there may decide what happens.
    descriptor = os.open(path, os.O_RDONLY | _FLAGS)
    try:
        yield descriptor, os.fstat(descriptor)
    finally:
        os.close(descriptor)


def _small(descriptor: int, limit: int) -> bytes:
    content = _all_of(descriptor, limit)
    if len(content) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def _read(
    candidate: Candidate, descriptor: int, status: os.stat_result, limit: int
) -> Content | Trouble | None:
    path = candidate.path
    if not stat.S_ISREG(status.st_mode) or _was_led_away(candidate, status):
        return None
    began = time.time_ns()
    head = os.read(descriptor, SNIFFED)
    if _is_binary(head) and not _may_hold_tokens(candidate.name):
        return None
    if status.st_size > limit:
        return _too_large(path, limit)
    data = head + _all_of(descriptor, limit - len(head))
    if len(data) > limit:
        return _too_large(path, limit)
    identity = Identity.of(status, candidate.name)
    busy = Identity.of(os.fstat(descriptor), candidate.name) != identity
    young = max(identity.mtime_ns, identity.ctime_ns) > began - SETTLED_NS
    return Content(data, None if busy or young else identity)


def _was_led_away(candidate: Candidate, status: os.stat_result) -> bool:
    """Whether a folder on the way has become a link since the file was seen."""
    if (status.st_dev, status.st_ino) == candidate.identity[:2]:
        return False
    place = os.path.join(os.path.realpath(candidate.root), os.path.normpath(candidate.name))  # noqa: PTH118
    return os.path.realpath(candidate.path) != place


def _all_of(descriptor: int, limit: int) -> bytes:
    """What is left of a file, or one byte more than the limit of it."""
    chunks = []
    left = limit + 1
    while left > 0 and (chunk := os.read(descriptor, min(left, 1 << 20))):
        chunks.append(chunk)
        left -= len(chunk)
    return b"".join(chunks)


def _is_binary(head: bytes) -> bool:
    return b"\0" in head and not head.startswith(tuple(mark for mark, _ in _MARKS))


def _may_hold_tokens(name: str) -> bool:
    """Whether a file is read even with NULs in it, as a log has after it was cut."""
    return token_kinds().verdict(name, name.rpartition("/")[2], is_folder=False) is True


def _too_large(path: Path, limit: int) -> Trouble:
    return Trouble(
        path, f"{shown(path)} is larger than {limit:,} bytes and was not scanned; raise `max-document-bytes`."
    )
