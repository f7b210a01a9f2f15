"""The leases of stored tokens, their remaining uses, and a person's approvals."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path

from tokenward.custody.leases.lease import Clock, Confirm, Lease, LeaseEnd, Moment, Program
from tokenward.custody.leases.sessions import SessionKind, Sessions, SessionState
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.errors import LeaseSpent
from tokenward.model import Reference


class Leases:
    """The leases of stored tokens. Every method may raise StateDamaged."""

    def __init__(self, path: Path, sessions: Sessions, now: Callable[[], float] = time.time) -> None:
        self.sessions = sessions
        self._database = Database(path, CUSTODY)
        self._clock = Clock(now)

    def get(self, reference: Reference) -> Lease | None:
        """Return the lease of a token, if it has one."""
        with self._database.read() as connection:
            row = connection.execute(_ONE, _key(reference)).fetchone()
            return _lease(row) if row else None

    def all(self) -> Mapping[Reference, Lease]:
        """Return all leases."""
        with self._database.read() as connection:
            return {Reference(row[0], row[1]): _lease(row) for row in connection.execute(_ALL)}

    def grant(self, reference: Reference, lease: Lease) -> None:
        """Record a lease, replacing an earlier one and its approvals."""
        # Undecodable bytes in a path are surrogates, which JSON can spell and SQLite's text cannot.
        programs = json.dumps([[program.path, program.real] for program in lease.programs])
        session = lease.session and lease.session.value
        starters, hosts = json.dumps(lease.starters), json.dumps(lease.hosts)
        condition = (lease.uses, programs, lease.confirm.value, starters, hosts)
        with self._database.write() as connection:
            _forget(connection, reference)
            connection.execute(_GRANT, (*_key(reference), lease.expires, session, lease.mark, *condition))
            self._clock.tick(connection)

    def forget(self, reference: Reference) -> None:
        """Delete the lease and the approvals of a token."""
        with self._database.write() as connection:
            _forget(connection, reference)

    def moment(self) -> Moment:
        """Return the time, and how far it can be trusted."""
        with self._database.read() as connection:
            return self._clock.moment(connection)

    def tick(self) -> Moment:
        """Return the time, and record it as past for every process."""
        with self._database.write() as connection:
            return self._clock.tick(connection)

    def trust_clock(self) -> None:
        """Accept the clock even if it was ahead before; only a person may request this."""
        with self._database.write() as connection:
            self._clock.trust(connection)

    def end_of(self, lease: Lease, moment: Moment) -> LeaseEnd | None:
        """Return why a lease is over, or None while it lasts."""
        if lease.expires is not None and (moment.is_behind or lease.expires <= moment.latest):
            return LeaseEnd.UNSURE if moment.is_behind and moment.now < lease.expires else LeaseEnd.EXPIRED
        if lease.uses == 0:
            return LeaseEnd.SPENT
        return _SESSION_ENDS[self.sessions.state(lease.mark)] if lease.mark else None

    def spend(self, references: Collection[Reference]) -> tuple[Reference, ...]:
        """Spend one use of every token whose uses are counted, or none at all; return those tokens.

        Raises:
            LeaseSpent: a token has no uses left.
        """
        with self._database.write() as connection:
            counted = tuple(one for one in references if connection.execute(_COUNTED, _key(one)).fetchone())
            for reference in counted:
                if connection.execute(_SPEND, _key(reference)).rowcount == 0:
                    raise lease_spent(reference)
        return counted

    def give_back(self, references: Collection[Reference]) -> None:
        """Give back the uses of a failed attempt."""
        with self._database.write() as connection:
            connection.executemany(_GIVE_BACK, map(_key, references))

    def approve(self, references: Collection[Reference], purpose: str, session: str) -> None:
        """Note that a person approves the use of tokens for a purpose while a session lasts."""
        rows = [(*_key(reference), purpose, session) for reference in references]
        with self._database.write() as connection:
            connection.executemany(_APPROVE, rows)

    def approved(self, purpose: str) -> frozenset[Reference]:
        """Return the tokens that a person has approved for a purpose in a session that still lasts."""
        with self._database.read() as connection:
            rows = connection.execute(_APPROVED, (purpose,)).fetchall()
        alive = {mark for mark in {row[2] for row in rows} if self.sessions.is_alive(mark)}
        return frozenset(Reference(workspace, name) for workspace, name, mark in rows if mark in alive)


_APPROVE = "INSERT OR REPLACE INTO approvals (workspace, name, purpose, session_mark) VALUES (?, ?, ?, ?)"
_COLUMNS = "workspace, name, expires, session, session_mark, uses, programs, confirm, starters, hosts"
_ALL = f"SELECT {_COLUMNS} FROM leases"  # noqa: S608
_ONE = f"{_ALL} WHERE workspace = ? AND name = ?"
_GRANT = f"INSERT INTO leases ({_COLUMNS}, erases) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)"  # noqa: S608
_COUNTED = "SELECT 1 FROM leases WHERE workspace = ? AND name = ? AND uses IS NOT NULL"
_SPEND = "UPDATE leases SET uses = uses - 1 WHERE workspace = ? AND name = ? AND uses > 0"
_GIVE_BACK = "UPDATE leases SET uses = uses + 1 WHERE workspace = ? AND name = ? AND uses IS NOT NULL"
_APPROVED = "SELECT workspace, name, session_mark FROM approvals WHERE purpose = ?"
_SESSION_ENDS = {
    SessionState.LASTS: None,
    SessionState.ENDED: LeaseEnd.SESSION,
    SessionState.UNKNOWN: LeaseEnd.UNSEEN,
}


def lease_spent(reference: Reference) -> LeaseSpent:
    """Return the failure for a lease without uses left."""
    return LeaseSpent(
        "The lease of {reference} has no uses left; a person can allow more with `tokenward lease "
        "{name} --uses N`.",
        reference=reference,
        name=reference.name,
    )


def _key(reference: Reference) -> tuple[str, str]:
    return reference.workspace, reference.name


def _forget(connection: sqlite3.Connection, reference: Reference) -> None:
    for query in (
        "DELETE FROM leases WHERE workspace = ? AND name = ?",
        "DELETE FROM approvals WHERE workspace = ? AND name = ?",
    ):
        connection.execute(query, _key(reference))


def _lease(row: tuple[str, str, int | None, str | None, str, int | None, str, str, str, str]) -> Lease:
    expires, session, mark, uses, programs, confirm, starters, hosts = row[2:]
    return Lease(
        expires,
        SessionKind(session) if session else None,
        mark,
        uses,
        tuple(Program(path, real) for path, real in json.loads(programs)),
        Confirm(confirm),
        tuple(json.loads(starters)),
        tuple(json.loads(hosts)),
    )
