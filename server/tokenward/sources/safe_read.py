"""Reads a file from a repository that may try to block, flood or redirect its reader."""

from __future__ import annotations

import errno
import os
import time
from dataclasses import field
from pathlib import Path
from typing import NamedTuple

from tokenward.fast_dataclasses import dataclass
from tokenward.places import shown
from tokenward.safe_files import NotRegular, open_regular
from tokenward.sources.candidate import Candidate, Identity, Trouble, unreadable
from tokenward.sources.encoding import decoded
from tokenward.sources.is_text import ENDING, NoTextKind, is_compressed, is_text, no_text_kind, unpacked

SETTLED_NS = 2_000_000_000
"""Seconds within which a change may leave no trace, because the file system's clock is coarse."""

_FIRST = 65_536
"""Bytes of a file that are read at once; most files are smaller."""
_GONE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


@dataclass(frozen=True, slots=True)
class Content:
    """A file's bytes.

    Attributes:
        data: all of them, unpacked if the file is compressed.
        identity: the file's identity; None if the file is so new that it may still change without changing its
        identity, so that nothing may be cached under it.
        size: of the file, in bytes.
    """

    data: bytes = field(repr=False)
    identity: Identity | None
    size: int

    def text(self) -> str:
        """Return the decoded text."""
        return decoded(self.data)[0]


class NoText(NamedTuple):
    """A file that is not text, why not, and its identity as in `Content`."""

    identity: Identity | None
    kind: NoTextKind = NoTextKind.BINARY


def read_content(candidate: Candidate, limit: int) -> Content | NoText | Trouble | None:
    """Read a file; return None if it no longer exists."""
    try:
        descriptor, status = open_regular(candidate.place)
        try:
            return _read(candidate, descriptor, status, limit)
        finally:
            os.close(descriptor)
    except NotRegular:
        return None
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) in _GONE:
            return None
        return unreadable(candidate.path, error)


def read_small(path: Path, limit: int) -> bytes | None:
    """Read one of the repository's own configuration files; return None if it is not a regular file.

    Raises:
        OSError: it cannot be read, or is larger than the limit.
    """
    try:
        descriptor, _ = open_regular(path)
    except NotRegular:
        return None
    except OSError as error:
        if error.errno in _GONE:
            return None
        raise
    try:
        content = _all_of(descriptor, limit)
    finally:
        os.close(descriptor)
    if len(content) > limit:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
    return content


def _read(
    candidate: Candidate, descriptor: int, status: os.stat_result, limit: int
) -> Content | NoText | Trouble | None:
    listed = candidate.identity
    name = listed.name
    seen = Identity.of(status, name)
    if seen[:2] != listed[:2] and _was_led_away(candidate):
        return None
    identity = None if max(seen.mtime_ns, seen.ctime_ns) > time.time_ns() - SETTLED_NS else seen
    size = seen.size
    # Asking for one byte more than it has shows its end without a second call.
    data = os.read(descriptor, min(size, _FIRST) + 1)
    is_packed = is_compressed(name, data)
    if not (is_packed or is_text(name, data)):
        return NoText(identity, no_text_kind(data))
    if size > limit:
        return _too_large(candidate.path, limit)
    if len(data) != size:
        data += _all_of(descriptor, limit - len(data), likely=size - len(data))
        if len(data) > limit:
            return _too_large(candidate.path, limit)
    return _unpacked(candidate, data, identity, limit) if is_packed else Content(data, identity, size)


def _unpacked(
    candidate: Candidate, data: bytes, identity: Identity | None, limit: int
) -> Content | NoText | Trouble:
    content = unpacked(data, limit)
    if content is None or not is_text(candidate.name[: -len(ENDING)], content):
        return NoText(identity, NoTextKind.ARCHIVE)
    if len(content) > limit:
        return _too_large(candidate.path, limit, "unpacks to more than")
    return Content(content, identity, len(data))


def _was_led_away(candidate: Candidate) -> bool:
    """Return whether a folder on the path has become a link since the file was listed."""
    place = os.path.join(os.path.realpath(candidate.root), os.path.normpath(candidate.name))  # noqa: PTH118
    return os.path.realpath(candidate.path) != place


def _all_of(descriptor: int, limit: int, likely: int = 0) -> bytes:
    """Return the rest of a file, or one byte more than the limit; a correct `likely` size saves calls."""
    chunks = []
    remaining = limit + 1
    while remaining > 0 and (chunk := os.read(descriptor, min(remaining, max(likely, _FIRST) + 1))):
        chunks.append(chunk)
        remaining -= len(chunk)
    return b"".join(chunks)


def _too_large(path: Path, limit: int, size: str = "is larger than") -> Trouble:
    remedy = "raise `max-file-bytes` in your settings"
    return Trouble(path, f"{shown(path)} {size} {limit:,} bytes and was not scanned; {remedy}.")
