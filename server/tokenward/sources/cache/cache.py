"""Caches scan results by file identity, so that an unchanged file is never read twice.

Findings and ignored places contain no values, so the cache contains none either. Its file is optional: whatever is
wrong with it, scans continue without it.
"""

from __future__ import annotations

import contextlib
import json
import marshal
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, fields
from functools import cache
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple
from zlib import crc32

from tokenward import __version__
from tokenward.errors import StateDamaged
from tokenward.model import Claims, FilePlace, Finding, Fingerprint, IgnoredDetection, Point
from tokenward.safe_files import ensure_private_file, is_private_file
from tokenward.sources.candidate import Identity
from tokenward.sources.is_text import NoTextKind

DAYS_KEPT = 30
DAYS_UNTOUCHED = 7
MOST_ENTRIES = 10_000
BUSY_SECONDS = 2.0

_TABLE = "files_10"
"""Has the number of what it keeps, so that two versions of Tokenward do not drop each other's."""
_COLUMNS = "(key INTEGER PRIMARY KEY, seen INTEGER NOT NULL, kept TEXT NOT NULL)"
_OTHER_TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'file*' AND name != ?"
_DAY = 86_400
_TOGETHER = 16
"""The files that share a digest, on average: one for each would cost more than to read a few again."""
_LARGEST_KEY = 2**63 - 1


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


class CacheRow(NamedTuple):
    """The result of scanning one file.

    Attributes:
        unread: why it was not scanned; None if it was.
    """

    findings: tuple[Finding, ...] = ()
    ignored: tuple[IgnoredDetection, ...] = ()
    unread: NoTextKind | None = None


EMPTY_ROW = CacheRow()


class ScanCache(CacheFile):
    """The results of earlier scans."""

    def rows(self, identities: Sequence[Identity], rules_version: str) -> list[CacheRow | None]:
        """Return the results of an earlier scan of files in these states with these rules, None for each without.

        They were scanned together, with the same first file; others may have changed, come or gone since.
        """
        known = _decoded_groups(self.get_text(_key(identities[0])) or "{}")
        if not known:
            return [None] * len(identities)
        rows: list[CacheRow | None] = []
        for files, digest in _groups(identities, rules_version):
            kept = known.get(digest)
            if kept is None or any(number not in range(files) for number in kept):
                rows += [None] * files
            else:
                rows += [kept.get(number, EMPTY_ROW) for number in range(files)]
        return rows

    def put(
        self, first: Identity, rules_version: str, identities: Sequence[Identity], rows: Sequence[CacheRow]
    ) -> None:
        """Store the results of files that were scanned together; `first` is the first of those asked for."""
        left, encoded = iter(rows), dict[str, dict[int, str]]()
        for files, digest in _groups(identities, rules_version):
            own = enumerate(islice(left, files))
            encoded[digest] = {number: _encoded(row) for number, row in own if row is not EMPTY_ROW}
        self.put_text(_key(first), json.dumps(encoded, separators=(",", ":")))


def _key(identity: Identity) -> int:
    """Return a key for the file, so that a new result replaces the old one."""
    # It need not be unique, because the stamp says which file it is; a digest would cost more than all the rest.
    name = crc32(identity.name.encode("utf-8", "surrogatepass"))
    return (identity.inode ^ name << 31) & _LARGEST_KEY


def _groups(identities: Sequence[Identity], rules_version: str) -> Iterator[tuple[int, str]]:
    """Yield the number of files in each group, and a digest of their states and of the rules.

    Groups begin with the same files although others have come or gone.
    """
    # The device is left out, because some file systems get a new number at each start. This format of marshal gives
    # equal bytes for equal values alone, and costs a fraction of formatting the numbers.
    states = [identity[1:] for identity in identities]
    starts = [number for number, state in enumerate(states) if number == 0 or state[0] % _TOGETHER == 0]
    rules = _rules_digest(rules_version, __version__)
    for start, end in zip(starts, [*starts[1:], len(states)], strict=True):
        state = marshal.dumps(states[start:end], 0)
        yield end - start, blake2b(state + rules, digest_size=8).hexdigest()


@cache
def _rules_digest(*versions: str) -> bytes:
    return blake2b("\0".join(versions).encode("utf-8", "surrogatepass"), digest_size=16).digest()


def _encoded(result: CacheRow) -> str:
    if result.unread:
        return json.dumps(result.unread)
    rows = [_row(finding) for finding in result.findings]
    return json.dumps([rows, result.ignored], separators=(",", ":"))


def _decoded_groups(text: str) -> dict[str, dict[int, CacheRow]]:
    """Return the results of each group's files that are not clean, by the digest of the group; none without sense."""
    try:
        return {
            digest: {int(number): _decoded(row) for number, row in own.items()}
            for digest, own in json.loads(text).items()
        }
    except (ValueError, TypeError, KeyError, AttributeError):
        return {}


def _row(finding: Finding) -> dict[str, object]:
    row = {field.name: getattr(finding, field.name) for field in fields(Finding)}
    points = {name: [row[name].line, row[name].column] for name in ("start", "end")}
    return row | points | {"claims": astuple(finding.claims)}


def _decoded(stored: str) -> CacheRow:
    known = json.loads(stored)
    if isinstance(known, str):
        return CacheRow(unread=NoTextKind(known))
    findings, ignored = known
    return CacheRow(
        tuple(_finding(row) for row in findings), tuple(IgnoredDetection(*place) for place in ignored)
    )


def _finding(row: Mapping[str, Any]) -> Finding:
    points = {name: Point(*row[name]) for name in ("start", "end")}
    place = None if row["place"] is None else FilePlace(*row["place"])
    issued, expires, facts, checksum = row["claims"]
    claims = Claims(issued, expires, tuple((str(name), str(text)) for name, text in facts), checksum)
    known = {"fingerprint": Fingerprint(row["fingerprint"]), "place": place, "claims": claims}
    traces = tuple(Fingerprint(trace) for trace in row["traces"])
    return Finding(**{**row, **points, **known, "traces": traces})
