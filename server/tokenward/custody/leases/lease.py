"""Lease: under which conditions one stored token may be used."""

from __future__ import annotations

import os
from dataclasses import dataclass
from enum import Enum, StrEnum
from pathlib import Path

from tokenward.custody.leases.sessions import Session


class Confirm(StrEnum):
    """When a person is asked before a token is used, from the loosest to the strictest."""

    NEVER = "never"
    SESSION = "session"
    ALWAYS = "always"

    @property
    def rank(self) -> int:
        return list(Confirm).index(self)


class Over(Enum):
    """Why a lease does not last."""

    EXPIRED = "its time is over"
    SESSION = "its session has ended"
    SPENT = "it was used as often as it may be"
    UNSURE = "the clock says less than it said before"
    UNSEEN = "its session cannot be seen from here"


@dataclass(frozen=True, slots=True)
class Program:
    """A file that can be executed, told by where it is and by where its links lead.

    Both, because a link may be replaced, and because one file with many names does what its name says.
    """

    path: str
    real: str

    @classmethod
    def of(cls, path: Path) -> Program:
        """The program at an absolute path."""
        folder, name = os.path.split(path)
        located = os.path.join(os.path.realpath(folder), name)  # noqa: PTH118 - as text, whatever is there
        return cls(os.path.normcase(located), os.path.normcase(os.path.realpath(path)))


@dataclass(frozen=True, slots=True)
class Lease:
    """The permission to use one token; as it stands it has no end and no condition.

    Attributes:
        expires: when it ends, in seconds since 1970, UTC.
        session: what kind of session it ends with.
        mark: which one.
        uses: how often the token may still be used.
        programs: the only ones that may get it; empty for any, and for what is no program.
        confirm: when a person is asked.
        erases: the token is deleted from the keyring after the lease has ended; a person wanted that and knows when.
    """

    expires: int | None = None
    session: Session | None = None
    mark: str = ""
    uses: int | None = None
    programs: tuple[Program, ...] = ()
    confirm: Confirm = Confirm.NEVER
    erases: bool = False

    @property
    def is_limited(self) -> bool:
        return self != Lease(erases=self.erases)

    @property
    def is_ending(self) -> bool:
        """Whether it comes to an end by itself."""
        return self.expires is not None or self.session is not None or self.uses is not None

    def allows(self, program: Path | None) -> bool:
        """Whether the lease is for a program, or for what is none."""
        return not self.programs or (program is not None and Program.of(program) in self.programs)

    def loosens(self, before: Lease) -> bool:
        """Whether it permits anything that an earlier one did not."""
        return (
            _is_more(self.expires, before.expires)
            or _is_more(self.uses, before.uses)
            or self.confirm.rank < before.confirm.rank
            or (bool(before.programs) and not (self.programs and set(self.programs) <= set(before.programs)))
            or (before.session is not None and not self._ends_with(before))
            or (before.erases and not self.erases)
        )

    def erases_otherwise(self, before: Lease) -> bool:
        """Whether its token is deleted, and would not have been at the same end under an earlier lease."""
        return self.erases and not (before.erases and self._end == before._end)

    @property
    def _end(self) -> tuple[int | None, str, int | None]:
        return self.expires, self.mark, self.uses

    def _ends_with(self, before: Lease) -> bool:
        """Whether its session ends no later than that of an earlier one, which has one."""
        if self.mark == before.mark:
            return True
        order = list(Session)
        return self.session is not None and order.index(self.session) < order.index(
            before.session or Session.BOOT
        )


def _is_more(new: int | None, before: int | None) -> bool:
    """Whether a limit, where None is no limit, is wider than one before."""
    return before is not None and (new is None or new > before)
