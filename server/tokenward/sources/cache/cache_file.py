"""The cache's file: texts by key and stamp, in tables, each of which is read when it is first used.

It is optional: whatever is wrong with it, scans continue without it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import sys
import time
from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from tokenward.safe_files import is_own

DAYS_KEPT = 30
DAYS_UNTOUCHED = 7
MOST_ENTRIES = 500_000
BUSY_SECONDS = 2.0

_SCHEMA_VERSION = 7
_COLUMNS = "(key INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, seen INTEGER NOT NULL, kept TEXT)"
_DAY = 86_400


class StoredEntries:
    """The entries of a table, in a fifth of a dictionary's memory, because many may be of deleted files."""

    def __init__(self, old: int) -> None:
        """Start without entries; those last used on a day up to `old` are aging."""
        self._keys, self._stamps, self._seen = array("q"), array("q"), array("q")
        self._texts: dict[int, str] = {}
        self._old = old

    def add(self, key: int, stamp: int, seen: int, text: str | None) -> None:
        """Add an entry whose key is greater than all earlier keys."""
        for numbers, number in ((self._keys, key), (self._stamps, stamp), (self._seen, seen)):
            numbers.append(number)
        if text:
            self._texts[key] = text

    def get(self, key: int) -> tuple[int | None, str | None, bool]:
        """Return an entry's stamp (None if there is no entry), its text, and whether it is aging."""
        place = bisect_left(self._keys, key)
        if place == len(self._keys) or self._keys[place] != key:
            return None, None, False
        return self._stamps[place], self._texts.get(key), self._seen[place] <= self._old


@dataclass(slots=True)
class _Table:
    """A table: the entries in the file, and those not yet written.

    Attributes:
        new: the stamps of new entries by key; one number each, because a first scan holds as many as there are files.
        texts: the texts of those new entries that have one.
        touched: keys of entries that were used again after some days.
    """

    name: str
    saved: StoredEntries
    is_loaded: bool = False
    new: dict[int, int] = field(default_factory=dict)
    texts: dict[int, str] = field(default_factory=dict)
    touched: set[int] = field(default_factory=set)

    def get(self, key: int) -> tuple[int | None, str | None, bool]:
        """Return what `StoredEntries.get` returns, from the new entries first."""
        stamp = self.new.get(key)
        return self.saved.get(key) if stamp is None else (stamp, self.texts.get(key), False)

    def put(self, key: int, stamp: int, text: str) -> None:
        self.new[key] = stamp
        if text:
            self.texts[key] = text
        else:
            self.texts.pop(key, None)

    def clear(self) -> None:
        for entries in (self.new, self.texts, self.touched):
            entries.clear()


class CacheFile:
    """A file of tables; safe to share between threads, and several processes may use the same file."""

    def __init__(self, path: Path, tables: Sequence[str]) -> None:
        """Take the path of the file, which is created when there is something to store, and the names of its tables."""
        self._path = path
        self._lock = Lock()
        self._tables = {name: _Table(name, StoredEntries(_today())) for name in tables}

    def get(self, name: str, key: int, stamp: Callable[[], int]) -> str | None:
        """Return the text under a key, "" for an empty one; None without one of this stamp.

        `stamp` is called only if there is an entry under the key, because a stamp takes longer than the look-up.
        """
        table = self._tables[name]
        with self._lock:
            if not table.is_loaded:
                self._load(table)
            found, text, is_aging = table.get(key)
            if found is None or found != stamp():
                return None
            if is_aging:
                table.touched.add(key)
        return text or ""

    def put(self, name: str, key: int, stamp: int, text: str) -> None:
        """Store a text, replacing the one under its key."""
        with self._lock:
            self._tables[name].put(key, stamp, text)

    def save(self) -> None:
        """Write new entries in one transaction, and delete those not used for a long time.

        The file's content is dropped from memory, and read again when it is needed.
        """
        with self._lock:
            for table in self._tables.values():
                table.saved, table.is_loaded = StoredEntries(_today()), False
            changed = [table for table in self._tables.values() if table.new or table.touched]
            if changed:
                with contextlib.suppress(sqlite3.Error, OSError):
                    self._write(changed)

    def _write(self, tables: Sequence[_Table]) -> None:
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            for table in tables:
                _write(table, connection)
            connection.execute("COMMIT")
        for table in tables:
            table.clear()

    def _load(self, table: _Table) -> None:
        table.is_loaded = True
        try:
            if self._is_ours():
                with self._connection() as connection:
                    saved = StoredEntries(_today() - DAYS_UNTOUCHED)
                    rows = f"SELECT key, stamp, seen, kept FROM {table.name} ORDER BY key"  # noqa: S608
                    for row in connection.execute(rows):
                        saved.add(*row)
                    table.saved = saved
        except (sqlite3.OperationalError, OSError):
            # It is in use or unreadable, neither of which means that it is damaged.
            return
        except (sqlite3.DatabaseError, TypeError):
            table.saved = StoredEntries(_today())
            for suffix in ("", "-journal", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self._path.with_name(self._path.name + suffix).unlink()

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction, so that none crosses a thread or a fork."""
        _ensure_file(self._path)
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != _SCHEMA_VERSION:
                connection.execute("BEGIN IMMEDIATE")
                for name in self._tables:
                    connection.execute(f"DROP TABLE IF EXISTS {name}")
                    connection.execute(f"CREATE TABLE {name} {_COLUMNS}")
                connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
                connection.execute("COMMIT")
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection

    def _is_ours(self) -> bool:
        try:
            return _is_private_file(self._path.lstat())
        except FileNotFoundError:
            return False


def _write(table: _Table, connection: sqlite3.Connection) -> None:
    name, today = table.name, _today()
    # In the order of the file, which is quicker.
    rows = ((key, table.new[key], today, table.texts.get(key)) for key in sorted(table.new))
    connection.executemany(f"INSERT OR REPLACE INTO {name} VALUES (?, ?, ?, ?)", rows)  # noqa: S608
    touched = ((today, key) for key in table.touched)
    connection.executemany(f"UPDATE {name} SET seen = ? WHERE key = ?", touched)  # noqa: S608
    connection.execute(f"DELETE FROM {name} WHERE seen < ?", (today - DAYS_KEPT,))  # noqa: S608
    (count,) = connection.execute(f"SELECT count(*) FROM {name}").fetchone()  # noqa: S608
    if count > MOST_ENTRIES:
        oldest = f"SELECT key FROM {name} ORDER BY seen DESC LIMIT -1 OFFSET ?"  # noqa: S608
        connection.execute(f"DELETE FROM {name} WHERE key IN ({oldest})", (MOST_ENTRIES,))  # noqa: S608


def _ensure_file(path: Path) -> None:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    found = path.lstat()
    if not _is_private_file(found):
        raise PermissionError
    if sys.platform != "win32" and stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o600)


def _is_private_file(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and is_own(found)


def _today() -> int:
    return int(time.time()) // _DAY
