"""The append-only record of what happened to tokens."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from enum import Enum
from pathlib import Path
from typing import TypeAlias

from tokenward.custody.database import Database
from tokenward.custody.presence import presence
from tokenward.custody.schema import LEDGER
from tokenward.model import Fingerprint, Reference

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class Event(str, Enum):
    """What can happen."""

    FOUND = "found"
    WITHDRAWN = "withdrawn"
    MOVE_STARTED = "move_started"
    STORED = "stored"
    MOVED = "moved"
    MOVE_UNDONE = "move_undone"
    RESTORED = "restored"
    PUT = "put"
    REMOVED = "removed"
    RESOLVED = "resolved"
    REFUSED = "refused"
    LEASED = "leased"
    EXPIRED = "expired"
    ERASED = "erased"
    IGNORED = "ignored"
    BOUND = "bound"
    UNBOUND = "unbound"
    CHECKED = "checked"
    REVOCATION_STARTED = "revocation_started"
    REVOKED = "revoked"
    REVOCATION_REFUSED = "revocation_refused"
    REVOCATION_UNKNOWN = "revocation_unknown"
    REVOCATION_NOT_SENT = "revocation_not_sent"


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened; `move` is the id of the move, or the revocation, that it belongs to."""

    id: int
    time: datetime
    event: Event
    reference: Reference | None
    fingerprint: Fingerprint | None
    origin: str | None
    pid: int
    move: int | None
    detail: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class OpenMove:
    """A move whose process ended in the middle; once `stored`, the vault holds the value."""

    id: int
    time: datetime
    reference: Reference
    fingerprint: Fingerprint
    origin: str
    pid: int
    detail: Mapping[str, JSON]
    stored: bool


class Ledger:
    """What happened, in order; rows are only ever added, and none holds a token.

    Every method may raise StateDamaged, within some two seconds when another program holds the file.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, LEDGER)
        self._presence_file = path.with_name(f"{path.name}.alive")

    def record(
        self,
        event: Event,
        *,
        reference: Reference | None = None,
        fingerprint: Fingerprint | None = None,
        origin: str | None = None,
        move: int | None = None,
        detail: Mapping[str, JSON] | None = None,
    ) -> int:
        """Add what happened; returns the row's id, on the disk when this returns."""
        return self._insert(event, reference, fingerprint, origin, move=move, detail=detail)

    def begin_move(
        self, reference: Reference, fingerprint: Fingerprint, origin: str, detail: Mapping[str, JSON]
    ) -> int:
        """Announce a move before anything is stored; returns the move's id."""
        process = presence(self._presence_file).marker
        return self._insert(
            Event.MOVE_STARTED, reference, fingerprint, origin, process=process, detail=detail
        )

    def stored(self, move_id: int) -> bool:
        """The vault holds the value and has given it back; False when the move had ended already."""
        return self._follow(move_id, Event.STORED, {})

    def confirm_move(self, move_id: int, detail: Mapping[str, JSON]) -> bool:
        """The reference stands in the file; False when the move had ended already."""
        return self._follow(move_id, Event.MOVED, detail)

    def undo_move(self, move_id: int, why: str) -> bool:
        """All is as it was before the move; False when the move had ended already."""
        return self._follow(move_id, Event.MOVE_UNDONE, {"why": why})

    def open_moves(self) -> tuple[OpenMove, ...]:
        """The moves that neither were confirmed nor undone and whose process is dead, the oldest first."""
        processes = presence(self._presence_file)
        with self._database.read() as connection:
            rows = connection.execute(_OPEN_MOVES).fetchall()
            return tuple(_open_move(row) for row in rows if not processes.is_alive(row[-1]))

    def begin_revocation(
        self,
        fingerprint: Fingerprint,
        origin: str,
        reference: Reference | None,
        detail: Mapping[str, JSON],
    ) -> int:
        """Announce a revocation before anything is sent; returns its id."""
        process = presence(self._presence_file).marker
        return self._insert(
            Event.REVOCATION_STARTED, reference, fingerprint, origin, process=process, detail=detail
        )

    def end_revocation(self, number: int, event: Event, outcome: str) -> bool:
        """What became of a revocation; False when that was recorded already."""
        row = (_now(), event.value, os.getpid(), json.dumps({"outcome": outcome}), number)
        with self._database.write() as connection:
            return connection.execute(_END_REVOCATION, row).rowcount > 0

    def open_revocations(self) -> tuple[Record, ...]:
        """The revocations of which nothing more is known and whose process is dead, the oldest first."""
        processes = presence(self._presence_file)
        with self._database.read() as connection:
            rows = connection.execute(_OPEN_REVOCATIONS).fetchall()
            return tuple(_record(row) for row in rows if not processes.is_alive(row[8]))

    def relied_on(self, reference: Reference, besides: int) -> bool:
        """Whether anything but one move, since it began, counts on the vault to hold the reference's value."""
        row = {"workspace": reference.workspace, "name": reference.name, "move": besides}
        with self._database.read() as connection:
            return bool(connection.execute(_RELIED_ON, row).fetchone()[0])

    def last_moved(self, origin: str) -> tuple[Record, ...]:
        """The confirmed moves out of an origin that were not restored, the newest first."""
        return self._select(_LAST_MOVED, _storable(origin))

    def last(self, event: Event, reference: Reference) -> datetime | None:
        """When something happened to a reference for the last time; None when it never did."""
        row = (event.value, reference.workspace, reference.name)
        with self._database.read() as connection:
            found = connection.execute(_LAST, row).fetchone()
            return datetime.fromisoformat(found[0]) if found else None

    def records(self) -> tuple[Record, ...]:
        """Everything, the oldest first."""
        return self._select("SELECT * FROM records ORDER BY id")

    def _insert(
        self,
        event: Event,
        reference: Reference | None,
        fingerprint: Fingerprint | None,
        origin: str | None,
        *,
        process: int | None = None,
        move: int | None = None,
        detail: Mapping[str, JSON] | None = None,
    ) -> int:
        row = (
            _now(),
            event.value,
            reference and reference.workspace,
            reference and reference.name,
            fingerprint,
            origin and _storable(origin),
            os.getpid(),
            process,
            move,
            json.dumps(detail or {}),
        )
        with self._database.write() as connection:
            return connection.execute(_INSERT, row).lastrowid or 0

    def _follow(self, move_id: int, event: Event, detail: Mapping[str, JSON]) -> bool:
        row = (_now(), event.value, os.getpid(), json.dumps(detail), move_id)
        with self._database.write() as connection:
            return connection.execute(_FOLLOW, row).rowcount > 0

    def _select(self, query: str, *values: str) -> tuple[Record, ...]:
        with self._database.read() as connection:
            return tuple(_record(row) for row in connection.execute(query, values))


_INSERT = """INSERT INTO records
    (time, event, workspace, name, fingerprint, origin, pid, process, move, detail)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

_FOLLOW = """INSERT INTO records (time, event, workspace, name, fingerprint, origin, pid, move, detail)
    SELECT ?, ?, workspace, name, fingerprint, origin, ?, id, ? FROM records AS started
    WHERE id = ? AND event = 'move_started' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = started.id AND event IN ('moved', 'move_undone'))"""

_END_REVOCATION = """INSERT INTO records (time, event, workspace, name, fingerprint, origin, pid, move, detail)
    SELECT ?, ?, workspace, name, fingerprint, origin, ?, id, ? FROM records AS started
    WHERE id = ? AND event = 'revocation_started'
        AND NOT EXISTS (SELECT 1 FROM records WHERE move = started.id)"""

_OPEN_REVOCATIONS = """SELECT * FROM records AS started
    WHERE event = 'revocation_started' AND NOT EXISTS (SELECT 1 FROM records WHERE move = started.id)
    ORDER BY id"""

_OPEN_MOVES = """SELECT id, time, workspace, name, fingerprint, origin, pid, detail,
        EXISTS (SELECT 1 FROM records WHERE move = started.id AND event = 'stored'), process
    FROM records AS started
    WHERE event = 'move_started' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = started.id AND event IN ('moved', 'move_undone'))
    ORDER BY id"""

# A move that is open counts whatever its age: it may have edited its file.
_RELIED_ON = """SELECT EXISTS (SELECT 1 FROM records AS other
    WHERE workspace = :workspace AND name = :name AND (
        (event IN ('moved', 'put') AND id > :move AND move IS NOT :move)
        OR (event = 'move_started' AND id != :move AND NOT EXISTS
            (SELECT 1 FROM records WHERE move = other.id AND event IN ('moved', 'move_undone')))))"""

_LAST_MOVED = """SELECT * FROM records AS moved
    WHERE origin = ? AND event = 'moved' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = moved.move AND origin = moved.origin AND event = 'restored')
    ORDER BY id DESC"""

_LAST = "SELECT time FROM records WHERE event = ? AND workspace = ? AND name = ? ORDER BY id DESC LIMIT 1"


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="microseconds")


def _storable(text: str) -> str:
    """The text, with what UTF-8 cannot hold (a path's undecodable bytes) spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()


def _reference(workspace: str | None, name: str | None) -> Reference | None:
    return Reference(workspace, name) if workspace and name else None


def _record(row: sqlite3.Row) -> Record:
    number, time, event, workspace, name, fingerprint, origin, pid, _process, move, detail = row
    return Record(
        number,
        datetime.fromisoformat(time),
        Event(event),
        _reference(workspace, name),
        fingerprint,
        origin,
        pid,
        move,
        json.loads(detail),
    )


def _open_move(row: sqlite3.Row) -> OpenMove:
    number, time, workspace, name, fingerprint, origin, pid, detail, stored, _process = row
    return OpenMove(
        number,
        datetime.fromisoformat(time),
        Reference(workspace, name),
        fingerprint,
        origin,
        pid,
        json.loads(detail),
        bool(stored),
    )
