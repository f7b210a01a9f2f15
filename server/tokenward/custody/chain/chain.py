"""The hash chain of the ledger: each row's hash covers the row and the hash before it; the last is noted apart."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import sqlite3
from pathlib import Path
from typing import NamedTuple

from tokenward.errors import StateDamaged
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
