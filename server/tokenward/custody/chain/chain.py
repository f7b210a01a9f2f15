"""The hash chain of the ledger: each row's hash covers the row and the hash before it."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from typing import NamedTuple

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
