"""What a scan found in a file, kept by the file's identity, so that an unchanged file is never read twice.

Neither findings nor what was silenced hold a value, so neither does the cache.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import fields
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple

from tokenward import __version__
from tokenward.model import FilePlace, Finding, Fingerprint, Point
from tokenward.sources.candidate import Identity
from tokenward.sources.saved import Saved

DAYS_KEPT = 30
DAYS_UNTOUCHED = 7
MOST_ENTRIES = 500_000
BUSY_SECONDS = 2.0

_SCHEMA_VERSION = 2
_SCHEMA = """
    CREATE TABLE result (key INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, seen INTEGER NOT NULL, kept TEXT)
"""
_DAY = 86_400


class SilencedPlace(NamedTuple):
    """What would be a finding but for the workspace's configuration.

    Attributes:
        path: the file, relative to its workspace.
        line: 0-based.
        rule: the full id of the rule.
        by: what silenced it.
    """

    path: str
    line: int
    rule: str
    by: str


class Kept(NamedTuple):
    """What a scan found in one file, and what was silenced in it."""

    findings: tuple[Finding, ...] = ()
    silenced: tuple[SilencedPlace, ...] = ()


class ScanCache:
    """The results of earlier scans. It is only a help: whatever is wrong with its file, scans go on without."""

    def __init__(self, path: Path) -> None:
        """Take the file's place; it is made when there is something to keep."""
        self._path = path
        self._lock = Lock()
        self._is_loaded = False
        self._saved = Saved(_today())
        self._new: dict[int, tuple[int, str | None]] = {}
        self._touched: set[int] = set()

    def get(self, identity: Identity, rules_version: str) -> Kept | None:
        """What was found in a file when it was scanned as it is, by these rules; None when it was not."""
        key = _key(identity)
        with self._lock:
            self._load_once()
            stamp, stored = self._new.get(key) or self._saved.get(key)
            if stamp != _stamp(identity, rules_version):
                return None
            if self._saved.is_aging(key):
                self._touched.add(key)
        return _decoded(stored) if stored else Kept()

    def put(self, identity: Identity, rules_version: str, kept: Kept) -> None:
        """Remember what was found in a file, under the identity that `Content` gives."""
        new = _stamp(identity, rules_version), _encoded(kept) if any(kept) else None
        with self._lock:
            self._load_once()
            self._new[_key(identity)] = new

    def save(self) -> None:
        """Write what is new in one transaction, and forget what no scan has met for long."""
        with self._lock, contextlib.suppress(sqlite3.Error, OSError):
            if self._new or self._touched:
                with self._connection() as connection:
                    self._write(connection)
                self._new.clear()
                self._touched.clear()
                self._is_loaded = False

    def _load_once(self) -> None:
        if self._is_loaded:
            return
        self._is_loaded = True
        try:
            if self._is_ours():
                with self._connection() as connection:
                    self._saved = _read(connection)
        except (sqlite3.OperationalError, OSError):
            # It is in use, or may not be read; neither says anything about what is in it.
            return
        except (sqlite3.DatabaseError, TypeError):
            self._saved = Saved(_today())
            self._remove()

    def _write(self, connection: sqlite3.Connection) -> None:
        today = _today()
        rows = ((key, stamp, today, kept) for key, (stamp, kept) in self._new.items())
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany("INSERT OR REPLACE INTO result VALUES (?, ?, ?, ?)", rows)
        touched = ((today, key) for key in self._touched)
        connection.executemany("UPDATE result SET seen = ? WHERE key = ?", touched)
        connection.execute("DELETE FROM result WHERE seen < ?", (today - DAYS_KEPT,))
        connection.execute(
            "DELETE FROM result WHERE key IN (SELECT key FROM result ORDER BY seen DESC LIMIT -1 OFFSET ?)",
            (MOST_ENTRIES,),
        )
        connection.execute("COMMIT")

    @contextmanager
    def _connection(self) -> Iterator[sqlite3.Connection]:
        """A connection for one transaction, so that none crosses a thread or a fork."""
        _ensure_file(self._path)
        with closing(sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)) as connection:
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != _SCHEMA_VERSION:
                _make_anew(connection)
            connection.execute("PRAGMA synchronous = NORMAL")
            yield connection

    def _is_ours(self) -> bool:
        try:
            return _is_private_file(self._path.lstat())
        except FileNotFoundError:
            return False

    def _remove(self) -> None:
        for suffix in ("", "-journal", "-wal", "-shm"):
            with contextlib.suppress(OSError):
                self._path.with_name(self._path.name + suffix).unlink()


def _read(connection: sqlite3.Connection) -> Saved:
    saved = Saved(_today() - DAYS_UNTOUCHED)
    for row in connection.execute("SELECT key, stamp, seen, kept FROM result ORDER BY key"):
        saved.add(*row)
    return saved


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
    is_own = sys.platform == "win32" or found.st_uid == os.geteuid()
    return stat.S_ISREG(found.st_mode) and is_own


def _make_anew(connection: sqlite3.Connection) -> None:
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("DROP TABLE IF EXISTS result")
    connection.execute(_SCHEMA)
    connection.execute(f"PRAGMA user_version = {_SCHEMA_VERSION}")
    connection.execute("COMMIT")


def _key(identity: Identity) -> int:
    """Where a file's result is kept, so that a new one replaces the old."""
    # The device is left out here and below: some file systems have another number after each start.
    return _digest(f"{identity.inode}:{identity.name}")


def _stamp(identity: Identity, rules_version: str) -> int:
    state = (identity.size, identity.mtime_ns, identity.ctime_ns, rules_version, __version__)
    return _digest(":".join(map(str, state)))


def _digest(text: str) -> int:
    content = text.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(content, digest_size=8).digest(), "big", signed=True)


def _today() -> int:
    return int(time.time()) // _DAY


def _encoded(kept: Kept) -> str:
    rows = [_row(finding) for finding in kept.findings]
    return json.dumps([rows, kept.silenced], separators=(",", ":"))


def _row(finding: Finding) -> dict[str, object]:
    row = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    return row | {name: [row[name].line, row[name].column] for name in ("start", "end")}


def _decoded(stored: str) -> Kept | None:
    try:
        findings, silenced = json.loads(stored)
        return Kept(
            tuple(_finding(row) for row in findings), tuple(SilencedPlace(*place) for place in silenced)
        )
    except (ValueError, TypeError, KeyError):
        return None


def _finding(row: Mapping[str, Any]) -> Finding:
    points = {name: Point(*row[name]) for name in ("start", "end")}
    place = None if row["place"] is None else FilePlace(*row["place"])
    return Finding(**{**row, **points, "fingerprint": Fingerprint(row["fingerprint"]), "place": place})
