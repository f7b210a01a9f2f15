"""Doors: the sockets at which the language servers that run now can be asked, and a record of each.

A record lies in the user's data folder, by which a command finds it whatever its environment is. None holds a token.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tokenward.custody.store.private_file import unwritable
from tokenward.places import make_private_folder
from tokenward.safe_files import is_own, read_own, replace_private

MOST_DOORS = 100
"""Records that are read."""

_LARGEST = 200_000
_LONGEST_SOCKET = 100
"""Bytes of a path: an address of a socket holds 104 at most on some systems, and 108 on others."""
_RECORD = re.compile(r"[0-9a-f]{16}\.json")
_SOCKET = re.compile(r"[0-9a-f]{16}\.sock")
_FAULTS = (OSError, ValueError, TypeError, KeyError, RecursionError)


@dataclass(frozen=True, slots=True)
class Door:
    """Where a language server can be asked.

    Attributes:
        socket: an absolute path.
        pid: of the server.
        folders: the workspaces that its user has open, as real paths.
    """

    socket: Path
    pid: int
    folders: tuple[Path, ...]

    @property
    def id(self) -> str:
        return self.socket.stem

    def depth(self, folder: Path) -> int:
        """How near to a folder the nearest of its folders is that holds it; 0 when none does."""
        return max((len(one.parts) for one in self.folders if folder.is_relative_to(one)), default=0)


def folder_in(data_dir: Path) -> Path:
    """Where the records are, in the user's folder for data."""
    return data_dir / "doors"


def socket_path(records: Path) -> Path:
    """Where a new door may be: in a folder that only its user may enter, by a path that is short enough.

    Raises:
        StateDamaged: there is no such folder.
    """
    name = f"{secrets.token_hex(8)}.sock"
    try:
        for folder in (*_runtime_folders(), records):
            if len(os.fsencode(folder / name)) <= _LONGEST_SOCKET:
                make_private_folder(folder)
                return folder / name
        return Path(tempfile.mkdtemp(prefix="tokenward-")) / name
    except OSError as error:
        raise unwritable(records, error) from None


def publish(records: Path, door: Door) -> None:
    """Make the record of a door, or replace it, at once and closed to others.

    Raises:
        StateDamaged: the folder cannot be written.
    """
    folders = [str(folder) for folder in door.folders]
    content = json.dumps({"socket": str(door.socket), "pid": door.pid, "folders": folders}).encode("ascii")
    try:
        make_private_folder(records)
        replace_private(_record_path(records, door), content, durable=False)
    except OSError as error:
        raise unwritable(records, error) from None


def doors_of(records: Path, folder: Path) -> list[Door]:
    """The doors of servers whose user has a workspace open, a real path, or one round it; the nearest first."""
    serving = [door for door in _all(records) if door.depth(folder)]
    return sorted(serving, key=lambda door: door.depth(folder), reverse=True)


def remove(records: Path, door: Door) -> None:
    """Remove a door and its record, as far as that can be."""
    with contextlib.suppress(OSError):
        _record_path(records, door).unlink()
    with contextlib.suppress(OSError):
        # The record may be anybody's who runs as this user, so that only what can be a door goes.
        if _SOCKET.fullmatch(door.socket.name) and stat.S_ISSOCK(door.socket.lstat().st_mode):
            door.socket.unlink()
            if door.socket.parent.name.startswith("tokenward-"):
                door.socket.parent.rmdir()


def remove_dead(records: Path) -> None:
    """Remove the doors that servers left behind which ended without closing them."""
    for door in _all(records):
        if not _runs(door.pid):
            remove(records, door)


def _record_path(records: Path, door: Door) -> Path:
    return records / f"{door.id}.json"


def _runtime_folders() -> Iterator[Path]:
    """The folder that the system empties when its user logs out, where there is one that is the user's alone."""
    named = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    with contextlib.suppress(OSError):
        found = named.stat()
        is_private = is_own(found) and not stat.S_IMODE(found.st_mode) & 0o077
        if named.is_absolute() and stat.S_ISDIR(found.st_mode) and is_private:
            yield named / "tokenward"


def _all(records: Path) -> Iterator[Door]:
    paths: Iterable[Path] = ()
    with contextlib.suppress(OSError):
        paths = sorted(path for path in records.iterdir() if _RECORD.fullmatch(path.name))[:MOST_DOORS]
    for path in paths:
        with contextlib.suppress(*_FAULTS):
            yield _door(path.stem, json.loads(read_own(path, _LARGEST)))


def _door(name: str, fields: dict[str, Any]) -> Door:
    door = Door(_path(fields["socket"]), fields["pid"], tuple(map(_path, fields["folders"])))
    is_pid = isinstance(door.pid, int) and not isinstance(door.pid, bool) and 0 < door.pid < 2**31
    if not is_pid or door.id != name or not _SOCKET.fullmatch(door.socket.name):
        raise ValueError
    return door


def _path(text: str) -> Path:
    path = Path(text)
    if "\0" in text or not path.is_absolute():
        raise ValueError
    return path


def _runs(pid: int) -> bool:
    """Whether a process of this user has the number."""
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True
