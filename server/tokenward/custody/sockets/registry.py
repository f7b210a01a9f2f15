"""Records of the sockets on which running language servers listen.

They are in the user's data folder, where a command finds them in any environment. None contains a token.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokenward.custody.callers.processes import is_running
from tokenward.fast_dataclasses import dataclass
from tokenward.places import make_private_folder
from tokenward.safe_files import is_own, read_own, replace_private, unwritable

MOST_SOCKETS = 100
"""The most records that are read."""

_LARGEST = 200_000
_LONGEST_SOCKET = 100
"""Bytes of a path: a socket's address can have 104 on some systems, and 108 on others."""
_PIPES = "//./pipe/"
"""Where Windows has its named pipes."""
_RECORD = re.compile(r"[0-9a-f]{16}\.json")
_SOCKET = re.compile(r"[0-9a-f]{16}\.sock")
_FAULTS = (OSError, ValueError, TypeError, KeyError, RecursionError)


@dataclass(frozen=True, slots=True)
class SocketRecord:
    """A socket that a language server listens on.

    Attributes:
        folders: the open workspaces, as real paths.
    """

    socket: Path
    pid: int
    folders: tuple[Path, ...]

    @property
    def id(self) -> str:
        """Return the id that names the socket and its record."""
        return self.socket.stem

    def depth(self, folder: Path) -> int:
        """Return the number of parts of the server's innermost folder around a folder, or 0."""
        return max((len(one.parts) for one in self.folders if folder.is_relative_to(one)), default=0)


def folder_in(data_dir: Path) -> Path:
    """Return the folder of the records, in the user's data folder."""
    return data_dir / "sockets"


def socket_path(records: Path) -> Path:
    """Return a path for a new socket that is short enough, in a folder that only its user may enter.

    On Windows it names a pipe.

    Raises:
        StateDamaged: there is no such folder.
    """
    name = f"{secrets.token_hex(8)}.sock"
    if sys.platform == "win32":
        return Path(_PIPES, name)
    try:
        for folder in (*_runtime_folders(), records):
            if len(os.fsencode(folder / name)) <= _LONGEST_SOCKET:
                make_private_folder(folder)
                return folder / name
        import tempfile  # noqa: PLC0415 - few need a folder

        return Path(tempfile.mkdtemp(prefix="tokenward-")) / name
    except OSError as error:
        raise unwritable(records, error) from None


def publish(records: Path, record: SocketRecord) -> None:
    """Write or replace the record of a socket, atomically and closed to others.

    Raises:
        StateDamaged: the folder cannot be written.
    """
    folders = [str(folder) for folder in record.folders]
    fields = {"socket": str(record.socket), "pid": record.pid, "folders": folders}
    try:
        make_private_folder(records)
        replace_private(records / f"{record.id}.json", json.dumps(fields).encode("ascii"), durable=False)
    except OSError as error:
        raise unwritable(records, error) from None


def sockets_for(records: Path, folder: Path) -> list[SocketRecord]:
    """Return the sockets of servers in which a folder (a real path) or one around it is open, the innermost first."""
    serving = [record for record in _all(records) if record.depth(folder)]
    return sorted(serving, key=lambda record: record.depth(folder), reverse=True)


def remove(records: Path, record: SocketRecord) -> None:
    """Remove a socket and its record, if possible."""
    with contextlib.suppress(OSError):
        (records / f"{record.id}.json").unlink()
    with contextlib.suppress(OSError):
        # Any program of this user may have written the record, so only a socket of ours is removed.
        # A named pipe ends with its server.
        is_file = sys.platform != "win32" and _SOCKET.fullmatch(record.socket.name)
        if is_file and stat.S_ISSOCK(record.socket.lstat().st_mode):
            record.socket.unlink()
            if record.socket.parent.name.startswith("tokenward-"):
                record.socket.parent.rmdir()


def remove_dead(records: Path) -> None:
    """Remove the sockets of servers that ended without closing them."""
    for record in _all(records):
        if not _runs(record.pid):
            remove(records, record)


def _runs(pid: int) -> bool:
    if sys.platform == "win32":
        return is_running(pid)
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    return True


def _runtime_folders() -> Iterator[Path]:
    """Yield the folder that the system empties at logout, if only its user may enter it."""
    named = Path(os.environ.get("XDG_RUNTIME_DIR", ""))
    with contextlib.suppress(OSError):
        found = named.stat()
        is_private = is_own(found) and not stat.S_IMODE(found.st_mode) & 0o077
        if named.is_absolute() and stat.S_ISDIR(found.st_mode) and is_private:
            yield named / "tokenward"


def _all(records: Path) -> Iterator[SocketRecord]:
    paths: list[Path] = []
    with contextlib.suppress(OSError):
        paths = sorted(path for path in records.iterdir() if _RECORD.fullmatch(path.name))
    for path in paths[:MOST_SOCKETS]:
        with contextlib.suppress(*_FAULTS):
            yield _record(path.stem, json.loads(read_own(path, _LARGEST)))


def _record(name: str, fields: dict[str, Any]) -> SocketRecord:
    record = SocketRecord(_path(fields["socket"]), fields["pid"], tuple(map(_path, fields["folders"])))
    is_pid = isinstance(record.pid, int) and not isinstance(record.pid, bool) and 0 < record.pid < 2**31
    is_pipe = sys.platform != "win32" or record.socket.parent == Path(_PIPES)
    if not is_pid or not is_pipe or record.id != name or not _SOCKET.fullmatch(record.socket.name):
        raise ValueError
    return record


def _path(text: str) -> Path:
    path = Path(text)
    if "\0" in text or not path.is_absolute():
        raise ValueError
    return path
