"""Follows log files while they grow, through rotation, truncation, deletion and recreation."""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from glob import has_magic
from itertools import islice
from pathlib import Path

from tokenward.places import shown
from tokenward.safe_files import NotRegular
from tokenward.sources.candidate import Trouble, unreadable
from tokenward.sources.logs.log_file import Inode, LogFileReader, LogPortion, ReadPosition

GRACE_SECONDS = 10.0
"""Seconds for which a file is still read after its path leads nowhere or to an empty file."""
MOST_OPEN = 200
"""The most files that are kept open; of the others, the last lines are missed if they are deleted or moved away."""
LOOK_SECONDS = 1.0
"""The shortest interval between two listings of a pattern; longer if listing is slow."""
MOST_FILES = 1_000
"""The most files that patterns may match; the first ones count."""
_LOOK_SHARE = 20
_DEEPEST = 64
"""The most levels of folders that `**` descends."""
_MOST_POSITIONS = 4 * MOST_FILES


@dataclass(slots=True)
class _FollowedPath:
    """A path, and the file that is read under it.

    Attributes:
        is_named: it was named itself, not only matched by a pattern.
        detached_since: since when the path no longer leads to the file, on the clock.
    """

    path: str
    is_named: bool
    reader: LogFileReader | None = None
    detached_since: float | None = None


class Follower:
    """Returns new content from `poll`; for a single thread, and must be closed.

    A link is followed to its target, and again when the target changes. Each file is read once, whatever its names,
    so that a file renamed by a rotation is not read again under its new name.

    Attributes:
        is_behind: there was more to read at the last poll, so the next poll should not wait.
    """

    def __init__(
        self, paths: Iterable[str], *, from_start: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Take patterns and paths, as for LogPaths, even of files that do not exist yet.

        Their present content is only returned with `from_start`.
        """
        self.is_behind = False
        self._clock = clock
        self._paths = LogPaths(paths, clock)
        self._followed = {path: _FollowedPath(path, is_named=True) for path in self._paths.named}
        self._open_inodes: set[Inode] = set()
        self._positions: dict[Inode, ReadPosition] = {}
        self._reported: dict[str, str] = {}
        self._add_matched()
        if not from_start:
            for path in self._followed:
                self._skip_content(path)

    @property
    def files(self) -> int:
        """Return the number of paths that lead to a file that can be followed."""
        return sum(_regular_status(path)[0] is not None for path in self._followed)

    @property
    def absent(self) -> list[str]:
        """Return the paths (not patterns) that lead nowhere."""
        return [path for path in self._paths.named if not os.path.lexists(path)]

    def poll(self) -> Iterator[LogPortion | Trouble]:
        """Yield what was appended since the last poll and, once for each, why a file is not read.

        Consume everything before the next call. A file is first read when it is not empty.
        """
        self.is_behind = False
        self._add_matched()
        too_many = f"The patterns match more than {MOST_FILES:,} files; the rest are not followed. Narrow the patterns."
        yield from self._report("", too_many if self._paths.too_many else "")
        for followed in list(self._followed.values()):
            try:
                why = yield from self._follow(followed)
            except OSError as error:
                why = unreadable(followed.path, error).sentence
            yield from self._report(followed.path, why)

    def close(self) -> None:
        """Close all files."""
        for followed in self._followed.values():
            self._stop_reading(followed)

    def _follow(self, followed: _FollowedPath) -> Generator[LogPortion, None, str]:
        """Read what was appended; return why nothing can be read, if so.

        Raises:
            OSError: it cannot be opened or read.
        """
        status, why = _regular_status(followed.path)
        inode = None if status is None else (status.st_dev, status.st_ino)
        if followed.reader is not None and followed.reader.inode != inode:
            yield from self._read(followed)
            if self._may_still_grow(followed, status):
                return why
            self._stop_reading(followed)
        if followed.reader is None and status is not None:
            self._start_reading(followed, status)
        if followed.reader is not None:
            followed.detached_since = None
            yield from self._read(followed)
        elif status is None and not followed.is_named:
            del self._followed[followed.path]
        return why

    def _read(self, followed: _FollowedPath) -> Iterator[LogPortion]:
        if followed.reader is not None:
            yield from followed.reader.portions()
            self.is_behind |= followed.reader.is_behind

    def _may_still_grow(self, followed: _FollowedPath, status: os.stat_result | None) -> bool:
        """Return whether more may be appended to a file that its path no longer leads to."""
        if followed.reader is not None and followed.reader.is_behind:
            return True
        if status is not None and status.st_size:
            return False
        if followed.detached_since is None:
            followed.detached_since = self._clock()
        return self._clock() - followed.detached_since < GRACE_SECONDS

    def _start_reading(self, followed: _FollowedPath, status: os.stat_result) -> None:
        """Start reading the file that a path leads to, unless another path leads there too.

        Raises:
            OSError: it cannot be opened.
        """
        inode = status.st_dev, status.st_ino
        if inode in self._open_inodes:
            return
        # On Windows no file can be renamed to the name of an open one.
        stays_open = os.name != "nt" and len(self._open_inodes) < MOST_OPEN
        try:
            reader = LogFileReader(
                followed.path, self._positions.get(inode, ReadPosition()), stays_open=stays_open
            )
        except NotRegular:
            return
        if reader.inode != inode:
            # It was replaced in the meantime.
            reader.close()
            return
        self._positions.pop(inode, None)
        self._open_inodes.add(inode)
        followed.reader = reader

    def _stop_reading(self, followed: _FollowedPath) -> None:
        """Stop reading a file under this path; under another path, reading continues there."""
        reader, followed.reader, followed.detached_since = followed.reader, None, None
        if reader is not None:
            reader.close()
            self._open_inodes.discard(reader.inode)
            self._remember(reader.inode, reader.place)

    def _remember(self, inode: Inode, place: ReadPosition) -> None:
        self._positions[inode] = place
        while len(self._positions) > _MOST_POSITIONS:
            del self._positions[next(iter(self._positions))]

    def _skip_content(self, path: str) -> None:
        """Treat a file's current content as read."""
        status, _ = _regular_status(path)
        if status is not None and (status.st_dev, status.st_ino) not in self._open_inodes:
            self._remember((status.st_dev, status.st_ino), ReadPosition(status.st_size, None))
            try:
                self._start_reading(self._followed[path], status)
            except OSError:
                # The first poll reports it.
                return

    def _add_matched(self) -> None:
        for path in self._paths.matched():
            if path not in self._followed and len(self._followed) < MOST_FILES + len(self._paths.named):
                self._followed[path] = _FollowedPath(path, is_named=False)

    def _report(self, path: str, why: str) -> Iterator[Trouble]:
        """Yield why a file is not read, unless that was already reported."""
        before = self._reported.get(path, "")
        if not why:
            self._reported.pop(path, None)
        elif why != before:
            self._reported[path] = why
            yield Trouble(Path(path), why)


def _regular_status(path: str) -> tuple[os.stat_result | None, str]:
    """Return the status of a regular file, or why it cannot be read: nothing if it does not exist."""
    try:
        status = os.stat(path)  # noqa: PTH116 - it may be undecodable
    except (FileNotFoundError, NotADirectoryError):
        return None, ""
    except (OSError, ValueError) as error:
        return None, unreadable(path, error).sentence
    if stat.S_ISREG(status.st_mode):
        return status, ""
    return (None, f"{shown(path)} is not a regular file and is not followed; name a log file instead.")


class LogPaths:
    """Paths, and patterns with `*`, `?`, `[…]` and, for folders at any depth, `**`.

    Attributes:
        named: the paths; the name of an existing file is never a pattern.
        too_many: the patterns match more than MOST_FILES files.
    """

    def __init__(self, paths: Iterable[str], clock: Callable[[], float]) -> None:
        """Take paths and patterns, and a clock in seconds."""
        given = list(dict.fromkeys(paths))
        self.named = [path for path in given if os.path.lexists(path) or not has_magic(path)]
        self.too_many = False
        self._patterns = [path for path in given if path not in self.named]
        self._clock = clock
        self._next = clock()

    def matched(self) -> list[str]:
        """Return the files that the patterns match; none if it is too soon to list folders again."""
        began = self._clock()
        if not self._patterns or began < self._next:
            return []
        found: dict[str, None] = {}
        for path in map(Path, self._patterns):
            parts = path.relative_to(path.anchor).parts
            # Two in a row mean the same as one.
            parts = tuple(
                part for at, part in enumerate(parts) if part != "**" or parts[at + 1 : at + 2] != ("**",)
            )
            found |= dict.fromkeys(sorted(islice(_below(path.anchor, parts, _DEEPEST), MOST_FILES + 1)))
        self.too_many = len(found) > MOST_FILES
        self._next = self._clock() + max(LOOK_SECONDS, (self._clock() - began) * _LOOK_SHARE)
        return list(found)[:MOST_FILES]


def _below(folder: str, parts: Sequence[str], depth: int) -> Iterator[str]:
    """Yield the files that match the parts of a pattern in a folder."""
    part, rest = parts[0], parts[1:]
    if part == "**":
        yield from _at_any_depth(folder, parts, depth)
        return
    if not has_magic(part):
        names = [part]
    else:
        names = [entry.name for entry in _entries(folder, part) if fnmatch(entry.name, part)]
    for path in (os.path.join(folder, name) for name in names):  # noqa: PTH118
        if rest:
            yield from _below(path, rest, depth)
        elif os.path.isfile(path):  # noqa: PTH113
            yield path


def _at_any_depth(folder: str, parts: Sequence[str], depth: int) -> Iterator[str]:
    """Yield like `_below` for a pattern that starts with `**`; follow no link, because it may lead back."""
    rest = parts[1:] or ("*",)
    yield from _below(folder, rest, depth)
    if depth:
        for entry in _entries(folder, "*"):
            if entry.is_dir(follow_symlinks=False):
                below = os.path.join(folder, entry.name)  # noqa: PTH118
                yield from _below(below, ("**", *rest), depth - 1)


def _entries(folder: str, part: str) -> list[os.DirEntry[str]]:
    """Return the entries of a folder, hidden ones only if the pattern starts with a dot."""
    try:
        with os.scandir(folder or os.curdir) as entries:
            return [entry for entry in entries if part.startswith(".") or not entry.name.startswith(".")]
    except OSError:
        return []
