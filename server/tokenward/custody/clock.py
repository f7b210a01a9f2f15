"""The time as leases count it: it never goes back, and a leap of it is noticed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

LEAP = 7 * 86_400
"""Seconds after which the clock, rather than the user's absence, may be why so much time has passed."""
SETTLED = 600
"""Seconds after a leap for which nothing is deleted because of it."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, in seconds since 1970, UTC.

    Attributes:
        now: what the clock says.
        latest: the latest that it ever said to any process, or now.
        is_settled: it has not just leapt ahead.
    """

    now: int
    latest: int
    is_settled: bool = True

    @property
    def is_behind(self) -> bool:
        """Whether the clock says less than it said before, by more than clocks are corrected by themselves."""
        return self.latest - self.now > SETTLED


class Clock:
    """The clock of this machine, and what the records know of it."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now

    def moment(self, connection: sqlite3.Connection) -> Moment:
        """The time as far as the records know."""
        now = int(self._now())
        latest, leapt = connection.execute("SELECT latest, leapt FROM clock").fetchone() or (now, 0)
        has_leapt = now - latest > LEAP
        return Moment(now, max(now, latest), is_settled=not has_leapt and abs(now - leapt) >= SETTLED)

    def tick(self, connection: sqlite3.Connection) -> Moment:
        """The same, which is in the past from now on."""
        row = connection.execute("SELECT latest, leapt FROM clock").fetchone()
        moment = self.moment(connection)
        latest, leapt = row or (moment.latest, 0)
        if moment.now - latest > LEAP:
            leapt = moment.now
        if row != (moment.latest, leapt):
            connection.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?)", (moment.latest, leapt))
        return moment

    def trust(self, connection: sqlite3.Connection) -> None:
        """Take what the clock says now for the latest that it ever said."""
        connection.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, 0)", (int(self._now()),))
