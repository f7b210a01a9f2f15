"""The clock of leases: its time never goes back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable

from tokenward.fast_dataclasses import dataclass

_CORRECTED = 600
"""Seconds by which systems correct their clocks by themselves."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, in seconds since 1970, UTC.

    Attributes:
        now: the time of the system's clock.
        latest: the latest time that any process has read from it, including `now`.
    """

    now: int
    latest: int

    @property
    def is_behind(self) -> bool:
        """Return whether the clock is behind its latest time by more than a usual correction."""
        return self.latest - self.now > _CORRECTED


class Clock:
    """The clock of this machine, and its record in the database."""

    def __init__(self, now: Callable[[], float]) -> None:
        """Take a function for the time."""
        self._now = now

    def moment(self, connection: sqlite3.Connection) -> Moment:
        """Return the time without recording it."""
        row = connection.execute("SELECT latest FROM clock").fetchone()
        now = int(self._now())
        return Moment(now, max(now, row[0]) if row else now)

    def tick(self, connection: sqlite3.Connection) -> Moment:
        """Return the time and record it as past."""
        moment = self.moment(connection)
        _write(connection, moment.latest)
        return moment

    def trust(self, connection: sqlite3.Connection) -> None:
        """Accept the current time as the latest."""
        _write(connection, int(self._now()))


def _write(connection: sqlite3.Connection, latest: int) -> None:
    query = "INSERT OR REPLACE INTO clock (id, latest, ticked, uptime, boot) VALUES (1, ?, 0, 0, '')"
    connection.execute(query, (latest,))
