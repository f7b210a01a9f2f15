"""The cache's file: texts by key, which are read when they are first used.

It is optional: whatever is wrong with it, scans continue without it.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock

from tokenward.errors import StateDamaged
from tokenward.safe_files import ensure_private_file, is_private_file

DAYS_KEPT = 30
DAYS_UNTOUCHED = 7
MOST_ENTRIES = 10_000
BUSY_SECONDS = 2.0

_TABLE = "files_10"
"""Has the number of what it keeps, so that two versions of Tokenward do not drop each other's."""
_COLUMNS = "(key INTEGER PRIMARY KEY, seen INTEGER NOT NULL, kept TEXT NOT NULL)"
_OTHER_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'file*' AND name != ?"
_DAY = 86_400


class CacheFile:
    """A file of texts; safe to share between threads, and several processes may use the same file."""

    def __init__(self, path: Path) -> None:
        """Take the path of the file, which is created when there is something to store."""
        self._path = path
        self._lock = Lock()
        self._saved: dict[int, str] | None = None
        self._new: dict[int, str] = {}
        self._aging: set[int] = set()
        self._touched: set[int] = set()

    @property
    def is_empty(self) -> bool:
        """Return whether nothing is stored."""
        with self._lock:
            self._saved = self._loaded() if self._saved is None else self._saved
            return not (self._new or self._saved)

    def get_text(self, key: int) -> str | None:
        """Return what is stored under a key."""
        with self._lock:
            if self._saved is None:
                self._saved = self._loaded()
            if key in self._aging:
                self._touched.add(key)
            return self._new.get(key) or self._saved.get(key)

    def put_text(self, key: int, text: str) -> None:
        """Store a text, replacing the one under its key."""
        with self._lock:
            self._new[key] = text

    def save(self) -> None:
        """Write new entries in one transaction, and delete those not used for a long time.

        The file's content is dropped from memory, and read again when it is needed.
        """
        with self._lock:
            self._saved = None
            if self._new or self._touched:
                with contextlib.suppress(sqlite3.Error, OSError, StateDamaged):
                    self._write()

    def _write(self) -> None:
        today = _today()
        with self._connection() as connection:
            connection.execute("BEGIN IMMEDIATE")
            rows = ((key, today, text) for key, text in self._new.items())
            connection.executemany(f"INSERT OR REPLACE INTO {_TABLE} VALUES (?, ?, ?)", rows)  # noqa: S608
            touched = ((today, key) for key in self._touched)
            connection.executemany(f"UPDATE {_TABLE} SET seen = ? WHERE key = ?", touched)  # noqa: S608
            connection.execute(f"DELETE FROM {_TABLE} WHERE seen < ?", (today - DAYS_KEPT,))  # noqa: S608
            oldest = f"SELECT key FROM {_TABLE} ORDER BY seen DESC LIMIT -1 OFFSET ?"  # noqa: S608
            connection.execute(f"DELETE FROM {_TABLE} WHERE key IN ({oldest})", (MOST_ENTRIES,))  # noqa: S608
            _drop_unused(connection, today - DAYS_KEPT)
            connection.execute("COMMIT")
        self._new.clear()
        self._touched.clear()

    def _loaded(self) -> dict[int, str]:
        saved: dict[int, str] = {}
        self._aging = set()
        try:
            if is_private_file(self._path):
                old = _today() - DAYS_UNTOUCHED
                with self._connection() as connection:
                    rows = connection.execute(f"SELECT key, seen, kept FROM {_TABLE}")  # noqa: S608
                    for key, seen, text in rows:
                        saved[key] = text
                        if seen <= old:
                            self._aging.add(key)
        except (sqlite3.OperationalError, OSError, StateDamaged):
            # It is in use, unreadable or not ours, none of which means that its content is damaged.
            return {}
        except (sqlite3.DatabaseError, TypeError):
            for suffix in ("", "-journal", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    self._path.with_name(self._path.name + suffix).unlink()
            return {}
        return saved

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """Open a connection for one transaction, so that none crosses a thread or a fork."""
        ensure_private_file(self._path)
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            connection.execute(f"CREATE TABLE IF NOT EXISTS {_TABLE} {_COLUMNS}")
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection


def _drop_unused(connection: sqlite3.Connection, before: int) -> None:
    """Drop what another version kept and did not use for a long time."""
    for (name,) in connection.execute(_OTHER_TABLES, (_TABLE,)).fetchall():
        with contextlib.suppress(sqlite3.OperationalError):
            (seen,) = connection.execute(f'SELECT max(seen) FROM "{name}"').fetchone()  # noqa: S608
            if seen is None or seen < before:
                connection.execute(f'DROP TABLE "{name}"')


def _today() -> int:
    return int(time.time()) // _DAY
