"""The lease of a stored token: the conditions under which it may be used, and a clock that never goes back."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Collection
from enum import Enum, StrEnum
from pathlib import Path

from tokenward.custody.leases.sessions import SessionKind
from tokenward.fast_dataclasses import dataclass
from tokenward.language import phrase

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


class Confirm(StrEnum):
    """When a person must approve the use of a token, from the loosest to the strictest."""

    NEVER = "never"
    SESSION = "session"
    ALWAYS = "always"

    @property
    def rank(self) -> int:
        """Return the strictness: the higher, the stricter."""
        return list(Confirm).index(self)


class LeaseEnd(Enum):
    """Why a lease is over."""

    EXPIRED = phrase("its time has run out")
    SESSION = phrase("its session has ended")
    SPENT = phrase("it has no uses left")
    UNSURE = phrase("the clock was set back")
    UNSEEN = phrase("its session cannot be seen from here")


@dataclass(frozen=True, slots=True)
class Program:
    """An executable file, identified by its path and by the file that its links lead to.

    Both count, because a link may be replaced, and because a file may act differently under different names.
    """

    path: str
    real: str

    @classmethod
    def of(cls, path: Path) -> Program:
        """Create the program at an absolute path."""
        folder, name = os.path.split(path)
        located = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 - as text, whatever is there
        return cls(os.path.normcase(located), os.path.normcase(os.path.realpath(path)))


@dataclass(frozen=True, slots=True)
class Lease:
    """The permission to use a token; by default without end or condition.

    Attributes:
        expires: when it ends, in seconds since 1970, UTC.
        session: the kind of session that it ends with.
        mark: the mark of that session.
        uses: the number of uses left.
        programs: the only programs that may get the token; if empty, anything may.
        starters: what may start a use: a person, an agent, or services, jobs, hooks and CI by name; if empty, anything.
        hosts: the servers that a person named as the token's; if empty, it is for those of its provider.
    """

    expires: int | None = None
    session: SessionKind | None = None
    mark: str = ""
    uses: int | None = None
    programs: tuple[Program, ...] = ()
    confirm: Confirm = Confirm.NEVER
    starters: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()

    @property
    def is_limited(self) -> bool:
        """Return whether anything limits the use."""
        return self != Lease()

    def allows(self, program: Path | None) -> bool:
        """Return whether a program, or a use without one, may get the token."""
        return not self.programs or (program is not None and Program.of(program) in self.programs)

    def allows_start(self, starters: Collection[str]) -> bool:
        """Return whether what started a use may get the token."""
        return not self.starters or bool(set(self.starters) & set(starters))

    def loosens(self, before: Lease) -> bool:
        """Return whether it permits anything that an earlier lease did not."""
        return (
            _is_more(self.expires, before.expires)
            or _is_more(self.uses, before.uses)
            or self.confirm.rank < before.confirm.rank
            or _is_wider(self.programs, before.programs)
            or _is_wider(self.starters, before.starters)
            or self.hosts != before.hosts
            or (before.session is not None and not self._ends_with(before))
        )

    def _ends_with(self, before: Lease) -> bool:
        """Return whether its session ends no later than the earlier lease's session, if that has one."""
        if self.mark == before.mark:
            return True
        order = list(SessionKind)
        return self.session is not None and order.index(self.session) < order.index(
            before.session or SessionKind.BOOT
        )


def _is_wider(new: Collection[object], before: Collection[object]) -> bool:
    """Return whether a choice allows something that an earlier one did not; an empty one allows everything."""
    return bool(before) and not (new and set(new) <= set(before))


def _is_more(new: int | None, before: int | None) -> bool:
    """Return whether a limit is wider than an earlier one; None means no limit."""
    return before is not None and (new is None or new > before)
