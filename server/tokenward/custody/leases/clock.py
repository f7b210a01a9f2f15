"""The clock of leases: its time never goes back, and it notices leaps of the system's clock."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable

from tokenward.fast_dataclasses import dataclass

_CORRECTED = 600
"""Seconds by which systems correct their clocks by themselves."""
_ROUNDING = 2
"""Seconds by which two clocks with whole seconds may appear to differ."""

_FORGET = "UPDATE leases SET seen_over = NULL"


def uptime() -> float:
    """Return the seconds since the machine was started, including sleep; no user can change them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


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

    def __init__(
        self, now: Callable[[], float], uptime: Callable[[], float], boot: Callable[[], str]
    ) -> None:
        """Take functions for the time, the uptime in seconds, and the id of the current boot."""
        self._now = now
        self.uptime = uptime
        self._boot = boot

    def moment(self, connection: sqlite3.Connection) -> Moment:
        """Return the time without recording it."""
        row = connection.execute("SELECT latest FROM clock").fetchone()
        now = int(self._now())
        return Moment(now, max(now, row[0]) if row else now)

    def tick(self, connection: sqlite3.Connection) -> Moment:
        """Return the time and record it as past; after a leap, forget which leases were seen to be over."""
        moment = self.moment(connection)
        if not self._is_steady(connection, moment.now):
            connection.execute(_FORGET)
        self._write(connection, moment.now, moment.latest)
        return moment

    def trust(self, connection: sqlite3.Connection) -> None:
        """Accept the current time as the latest."""
        now = int(self._now())
        connection.execute(_FORGET)
        self._write(connection, now, now)

    def _is_steady(self, connection: sqlite3.Connection, now: int) -> bool:
        """Return whether the clock has kept pace with the uptime since the last tick of this boot."""
        row = connection.execute("SELECT ticked, uptime, boot FROM clock").fetchone()
        if row is None or row[2] != self._boot():
            return False
        passed = int(self.uptime()) - row[1]
        return bool(passed >= 0 and abs(now - row[0] - passed) <= _ROUNDING)

    def _write(self, connection: sqlite3.Connection, now: int, latest: int) -> None:
        row = (latest, now, int(self.uptime()), self._boot())
        query = "INSERT OR REPLACE INTO clock (id, latest, ticked, uptime, boot) VALUES (1, ?, ?, ?, ?)"
        connection.execute(query, row)
