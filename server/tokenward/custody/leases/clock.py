"""The time as leases count it: it never goes back, and a leap of it is noticed."""

from __future__ import annotations

import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

_CORRECTED = 600
"""Seconds by which clocks are corrected by themselves."""
_ROUNDING = 2
"""Seconds that two clocks in whole seconds may seem to differ by."""

_FORGET = "UPDATE leases SET seen_over = NULL"


def uptime() -> float:
    """Seconds since the machine was started, its sleep included; nobody can set them."""
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    if sys.platform == "darwin":
        return time.clock_gettime(time.CLOCK_MONOTONIC)
    return time.monotonic()


@dataclass(frozen=True, slots=True)
class Moment:
    """The time, in seconds since 1970, UTC.

    Attributes:
        now: what the clock says.
        latest: the latest that it ever said to any process, or now.
    """

    now: int
    latest: int

    @property
    def is_behind(self) -> bool:
        """Whether the clock says less than it said before, by more than clocks are corrected by themselves."""
        return self.latest - self.now > _CORRECTED


class Clock:
    """The clock of this machine, and what the records know of it."""

    def __init__(
        self, now: Callable[[], float], uptime: Callable[[], float], boot: Callable[[], str]
    ) -> None:
        """Use what tells the time, the seconds since the machine was started, and which start that was."""
        self._now = now
        self.uptime = uptime
        self._boot = boot

    def moment(self, connection: sqlite3.Connection) -> Moment:
        """The time as far as the records know."""
        row = connection.execute("SELECT latest FROM clock").fetchone()
        now = int(self._now())
        return Moment(now, max(now, row[0]) if row else now)

    def tick(self, connection: sqlite3.Connection) -> Moment:
        """The same, which is in the past from now on; what was seen before a leap is forgotten."""
        moment = self.moment(connection)
        if not self._is_steady(connection, moment.now):
            connection.execute(_FORGET)
        self._keep(connection, moment.now, moment.latest)
        return moment

    def trust(self, connection: sqlite3.Connection) -> None:
        """Take what the clock says now for the latest that it ever said."""
        now = int(self._now())
        connection.execute(_FORGET)
        self._keep(connection, now, now)

    def _is_steady(self, connection: sqlite3.Connection, now: int) -> bool:
        """Whether the clock has neither run ahead of the machine nor gone back since the last tick of this boot."""
        row = connection.execute("SELECT ticked, uptime, boot FROM clock").fetchone()
        if row is None or row[2] != self._boot():
            return False
        passed = int(self.uptime()) - row[1]
        return bool(passed >= 0 and abs(now - row[0] - passed) <= _ROUNDING)

    def _keep(self, connection: sqlite3.Connection, now: int, latest: int) -> None:
        row = (latest, now, int(self.uptime()), self._boot())
        connection.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?, ?, ?)", row)
