"""The hash chain of the ledger: each row's hash covers the row and the hash before it; the last is noted apart.

`verify` checks that the ledger is as it was written: each row, their order, and the end.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import StateDamaged
from tokenward.fast_dataclasses import dataclass
from tokenward.safe_files import ensure_private_file, is_private_file

START = bytes(32)
"""The hash before the first row."""
COLUMNS = "time, event, workspace, name, fingerprint, origin, pid, process, move, detail"
NO_EVENT = ""
"""The event of a row whose content was removed; its detail is the digest of the content."""
PRUNED = "pruned"
"""The event of a row that lists the rows whose content the retention removed."""
MOST_PRUNED = 2_000
"""The most rows that such a row lists. They share a transaction, so that other processes wait only a moment."""


class LedgerRow(NamedTuple):
    """The content of a row, as it is written."""

    time: str
    event: str
    workspace: str | None
    name: str | None
    fingerprint: str | None
    origin: str | None
    pid: int
    process: int | None
    move: int | None
    detail: str

    @property
    def digest(self) -> str:
        """Return the SHA-256 of the content as a JSON array, in hex; it stays when the content is removed."""
        if self.event == NO_EVENT:
            return self.detail
        return hashlib.sha256(json.dumps(self, separators=(",", ":")).encode()).hexdigest()


class ChainLink(NamedTuple):
    """A row's number and hash."""

    id: int
    hash: bytes


class Chain:
    """The end of the chain in a transaction that adds rows."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self._is_known = False
        self.head: ChainLink | None = None
        """Return the last row; None if the ledger is empty or nothing was added."""

    def append(self, row: LedgerRow) -> int:
        """Add a row and return its id."""
        if not self._is_known:
            self.head, self._is_known = self._last(), True
        before = self.head or ChainLink(0, START)
        link = ChainLink(before.id + 1, link_hash(before.hash, before.id + 1, row.digest))
        self.connection.execute(_INSERT, (link.id, *row, link.hash))
        self.head = link
        return link.id

    def holds(self, link: ChainLink) -> bool:
        """Return whether the link's row has the link's hash."""
        found = self.connection.execute("SELECT hash FROM records WHERE id = ?", (link.id,)).fetchone()
        return found is not None and found[0] == link.hash

    def _last(self) -> ChainLink | None:
        row = self.connection.execute("SELECT id, hash FROM records ORDER BY id DESC LIMIT 1").fetchone()
        count = self.connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'records'").fetchone()
        if row is None and count is None:
            return None
        # Numbers are never reused, so a row removed from the end leaves a gap.
        last, hash_ = row if row is not None else (0, START)
        return ChainLink(max(last, count[0] if count else 0), hash_)


def link_hash(before: bytes, number: int, digest: str) -> bytes:
    """Return the hash of a row."""
    return hashlib.sha256(before + number.to_bytes(8, "big") + digest.encode()).digest()


_INSERT = f"INSERT INTO records (id, {COLUMNS}, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608


class ChainEnd:
    """A small file that may be behind the ledger, but is never ahead of it.

    It is overwritten after the row is on the disk: a line of fixed length with its own checksum. A crash
    leaves the previous line; a half-written line is ignored.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> ChainLink | None:
        """Return the last noted row; None if it is missing or unreadable."""
        with contextlib.suppress(OSError, StateDamaged, ValueError):
            if is_private_file(self.path):
                number, hash_, check = self.path.read_text("ascii").split()
                link = ChainLink(int(number), bytes.fromhex(hash_))
                return link if check == _checksum(link) else None
        return None

    def note(self, link: ChainLink) -> None:
        """Note the last row unless a later one is noted; a failure does not undo what was recorded."""
        known = self.read()
        if known is not None and known.id >= link.id:
            return
        with contextlib.suppress(OSError, StateDamaged):
            ensure_private_file(self.path)
            descriptor = os.open(self.path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0))
            try:
                length = os.write(descriptor, f"{link.id:020} {link.hash.hex()} {_checksum(link)}\n".encode())
                os.ftruncate(descriptor, length)
            finally:
                os.close(descriptor)


def _checksum(link: ChainLink) -> str:
    return hashlib.sha256(f"{link.id} {link.hash.hex()}".encode()).hexdigest()[:16]


MOST_FAULTS = 100


class ChainFault(NamedTuple):
    """Something that is not as it was written; `row` is 0 if the fault concerns no single row."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of checking the whole ledger.

    Attributes:
        emptied: the number of rows whose content the retention removed.
        has_end: the end of the ledger was noted, so that rows removed there are noticed.
    """

    rows: int
    emptied: int
    faults: tuple[ChainFault, ...]
    has_end: bool


def verify(connection: sqlite3.Connection, end: ChainLink | None, triggers: Mapping[str, str]) -> ChainReport:
    """Check every row.

    Args:
        connection: in a transaction.
        end: the last row noted before the transaction began.
        triggers: the guards that the ledger must have, by name.
    """
    # Text that is not UTF-8 counts as a change.
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    check = _ChainCheck(end)
    for number, hash_, *content in connection.execute(_ALL):
        check.add(number, hash_, LedgerRow(*content))
    check.finish()
    faults = [*_table_faults(connection, triggers), *sorted(check.faults, key=lambda fault: fault.row)]
    return ChainReport(check.count, check.emptied, tuple(faults[:MOST_FAULTS]), end is not None)


class _ChainCheck:
    """Follows the chain; after a fault, judges each row by the hash stored before it."""

    def __init__(self, end: ChainLink | None) -> None:
        self._end = end
        self._before = ChainLink(0, START)
        self._unlisted: set[int] = set()
        self.faults: list[ChainFault] = []
        self.count = self.emptied = 0

    def add(self, number: int, hash_: object, row: LedgerRow) -> None:
        """Judge the next row."""
        self.count += 1
        if number != self._before.id + 1:
            self._add_missing(self._before.id + 1, number - 1)
        elif hash_ != _hash(self._before.hash, number, row):
            self._add_fault(number, f"Row {number} was changed, or another one put in its place")
        elif self._end is not None and number == self._end.id and hash_ != self._end.hash:
            self._add_fault(number, f"Row {number} is not the one that was noted when it was written")
        if row.event == NO_EVENT:
            self.emptied += 1
            self._unlisted.add(number)
        elif row.event == PRUNED:
            self._unlisted -= set(_pruned_rows(row))
        self._before = ChainLink(number, hash_ if isinstance(hash_, bytes) else START)

    def finish(self) -> None:
        """Judge what can only be seen at the end of the chain."""
        for number in sorted(self._unlisted)[:MOST_FAULTS]:
            self._add_fault(number, f"The content of row {number} was removed, and not by the retention")
        if self._end is not None and self._end.id > self._before.id:
            self._add_missing(self._before.id + 1, self._end.id)

    def _add_missing(self, first: int, last: int) -> None:
        which = f"Row {first} is" if first == last else f"Rows {first} to {last} are"
        self._add_fault(first, f"{which} missing")

    def _add_fault(self, number: int, sentence: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(ChainFault(number, sentence))


def _hash(before: bytes, number: int, row: LedgerRow) -> bytes | None:
    try:
        return link_hash(before, number, row.digest)
    except (TypeError, ValueError, OverflowError, AttributeError):
        # A column contains something that Tokenward never writes there.
        return None


def _pruned_rows(row: LedgerRow) -> Iterator[int]:
    """Return the rows listed in a record of the retention, as far as it can be read."""
    try:
        detail = json.loads(row.detail)
        ranges = detail["rows"] if isinstance(detail, Mapping) and "rows" in detail else ()
        for first, last in ranges:
            yield from range(first, min(last, first + MOST_PRUNED - 1) + 1)
    except (TypeError, ValueError):
        return


def _table_faults(connection: sqlite3.Connection, triggers: Mapping[str, str]) -> Iterator[ChainFault]:
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    if found != triggers:
        yield ChainFault(0, "The guards that let rows only be added were changed")
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        yield ChainFault(0, "The indexes do not fit the rows")


_ALL = f"SELECT id, hash, {COLUMNS} FROM records ORDER BY id"  # noqa: S608
