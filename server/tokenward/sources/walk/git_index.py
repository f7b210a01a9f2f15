"""Reads the files that Git tracks from its index: a tracked file is not ignored, whatever the ignore files say.

Git itself is not started for a walk, because a hostile repository's configuration can make it run code.
"""

from __future__ import annotations

import os
import stat
from bisect import bisect_left
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from tokenward.ownership import is_strangers
from tokenward.sources.candidate import FileState, state_of
from tokenward.sources.safe_read import read_small

LARGEST_INDEX = 256_000_000
LARGEST_IGNORE_FILE = 1_000_000

_HEADER, _STATUS = 12, 40
_EXTENDED, _LENGTH = 0x4000, 0x0FFF


class GitIndex:
    """The index of a working tree around a scanned root, or in it."""

    def __init__(self, index: Path, prefix: int = 0, inner: str = "") -> None:
        """Take an index.

        Args:
            index: the file.
            prefix: how many characters of a name in the root lead to the working tree, if that is in the root.
            inner: the root's path in the working tree, ending with `/`, if the root is in that.
        """
        self._index = index
        self._prefix = prefix
        self._inner = inner.encode("utf-8", "surrogateescape")
        self._names: list[bytes] | None = None
        self._is_read = False
        self._state: FileState = ()

    def tracks(self, name: str) -> bool:
        """Return whether a file is in the index; True if the index cannot be read."""
        wanted, names = self._wanted(name), self._tracked()
        if names is None:
            return True
        place = bisect_left(names, wanted)
        return names[place : place + 1] == [wanted]

    def tracks_beneath(self, folder: str) -> bool:
        """Return whether a file of a folder, whose name ends with `/`, is or may be in the index."""
        wanted, names = self._wanted(folder), self._tracked()
        if names is None:
            return True
        place = bisect_left(names, wanted)
        return place < len(names) and names[place].startswith(wanted)

    def changed_names(self) -> set[str] | None:
        """Return the names added to or removed from the index since it was last read; None if unknown.

        They are relative to the working tree, or to the root if that is deeper; none is outside the root.
        """
        if not self._is_read or self._state == state_of(self._index):
            return set()
        before, self._is_read, self._names = self._names, False, None
        after = self._tracked()
        if before is None and after is None:
            return set()
        if before is None or after is None:
            return None
        changed = (name for name in {*before} ^ {*after} if name.startswith(self._inner))
        return {name[len(self._inner) :].decode("utf-8", "surrogateescape") for name in changed}

    def _wanted(self, name: str) -> bytes:
        return self._inner + name[self._prefix :].encode("utf-8", "surrogateescape")

    def _tracked(self) -> list[bytes] | None:
        if not self._is_read:
            self._is_read = True
            self._state = state_of(self._index)
            with suppress(OSError):
                content = read_small(self._index, LARGEST_INDEX)
                self._names = tracked_names(content) if content else []
        return self._names


_MARK = b"gitdir: "
_LONGEST_MARK = 8_192


def index_at(folder: Path, prefix: int) -> GitIndex | None:
    """Return the index of the working tree that starts at a folder; `prefix` is as for `GitIndex`."""
    index = _index(folder)
    return None if index is None else GitIndex(index, prefix)


def index_around(root: Path) -> GitIndex | None:
    """Return the index of the working tree around a folder; another user's does not count."""
    real = Path(os.path.realpath(root))
    for above in real.parents:
        if os.path.lexists(above / ".git") and not is_strangers(above / ".git", real):
            index = _index(above)
            if index is not None:
                return GitIndex(index, inner=f"{real.relative_to(above).as_posix()}/")
    return None


def _index(folder: Path) -> Path | None:
    """Return where the index of a working tree is or would be, according to the folder or file `.git`."""
    git = folder / ".git"
    try:
        if stat.S_ISDIR(git.lstat().st_mode):
            return git / "index"
        mark = read_small(git, _LONGEST_MARK) or b""
        path = os.fsdecode(mark.removeprefix(_MARK).strip(b"\r\n"))
        # Opening a file on another machine's share would reveal the user to that machine.
        is_remote = path[:2] in {"//", "\\\\", "/\\", "\\/"}
        index = None if not mark.startswith(_MARK) or is_remote else folder / path / "index"
        # A working tree whose repository is elsewhere, or no longer exists.
        return index if index is not None and index.is_file() else None
    except (OSError, ValueError):
        return None


def tracked_names(index: bytes) -> list[bytes] | None:
    """Return the names in an index, in order; None if it cannot be read or is incomplete."""
    for hash_length in (20, 32):
        with suppress(ValueError, IndexError):
            names, end = _entries(index, hash_length)
            if _is_whole(index, end, hash_length):
                return names
    return None


def _entries(index: bytes, hash_length: int) -> tuple[list[bytes], int]:
    version, number = (int.from_bytes(index[at : at + 4], "big") for at in (4, 8))
    if index[:4] != b"DIRC" or version not in {2, 3, 4}:
        raise ValueError("no index")
    read = _padded_entries if version < 4 else _packed_entries
    names: list[bytes] = []
    end = _HEADER
    for name, end in read(index, number, _STATUS + hash_length):  # noqa: B007 - the last end is the end
        names.append(name)
    return names, end


def _padded_entries(index: bytes, number: int, flags_at: int) -> Iterator[tuple[bytes, int]]:
    place = _HEADER
    for _ in range(number):
        flags = index[place + flags_at] << 8 | index[place + flags_at + 1]
        start = place + flags_at + (4 if flags & _EXTENDED else 2)
        length = flags & _LENGTH
        end = start + length if length < _LENGTH else index.index(b"\0", start)
        if index[end] or end == start:
            raise ValueError("no name")
        name = index[start:end]
        place += (end - place + 8) & ~7
        yield name, place


def _packed_entries(index: bytes, number: int, flags_at: int) -> Iterator[tuple[bytes, int]]:
    place, name = _HEADER, b""
    for _ in range(number):
        flags = index[place + flags_at] << 8
        place += flags_at + (4 if flags & _EXTENDED else 2)
        dropped, place = _variable_number(index, place)
        end = index.index(b"\0", place)
        if dropped > len(name):
            raise ValueError("no name")
        name = name[: len(name) - dropped] + index[place:end]
        place = end + 1
        yield name, place


def _variable_number(index: bytes, place: int) -> tuple[int, int]:
    value = index[place] & 0x7F
    while index[place] & 0x80:
        place += 1
        value = ((value + 1) << 7) | (index[place] & 0x7F)
    return value, place + 1


def _is_whole(index: bytes, place: int, hash_length: int) -> bool:
    """Return whether only extensions and a hash follow, and none refers to another index."""
    while len(index) - place > hash_length:
        if index[place : place + 4] == b"link":
            return False
        place += 8 + int.from_bytes(index[place + 4 : place + 8], "big")
    return len(index) - place == hash_length
