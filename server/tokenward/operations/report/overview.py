"""The contents of a report: labels and counts, no values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tokenward.custody.ledger.histories import AgentSight
from tokenward.model import Surface


class TokenState(StrEnum):
    """The state of a token that was exposed; the worst is the first."""

    EXPOSED = "exposed"
    LOOSE = "loose"
    MOVED = "moved"
    ENDED = "ended"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ReportedPlace:
    """A text that contained a token.

    Attributes:
        name: a path in the workspace, or the folder of a terminal.
        gone: when the token disappeared from it; None while it is there.
    """

    name: str
    surface: Surface
    first: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedToken:
    """A token that was exposed.

    Attributes:
        reference: the reference of the stored token; empty if it is not stored.
        gone: when it was no longer exposed, or became useless; None while it is exposed.
        seen_by: the AI agents in whose transcripts it was found.
    """

    label: str
    provider: str
    reference: str
    state: TokenState
    first_seen: datetime
    gone: datetime | None
    places: tuple[ReportedPlace, ...]
    is_revoked: bool = False
    seen_by: tuple[AgentSight, ...] = ()

    def exposure(self, now: datetime) -> timedelta:
        """Return how long it was exposed."""
        return max((self.gone or now) - self.first_seen, timedelta(0))


@dataclass(frozen=True, slots=True)
class ReportedUse:
    """A request for a stored token.

    Attributes:
        token: its reference, or its label if it has none.
        asked_by: the program, or the use's purpose.
        agent: the AI assistant that requested it; empty for none.
        why: why it was refused; empty if it was not.
    """

    time: datetime
    token: str
    asked_by: str
    agent: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReportedLease:
    """The permission under which a stored token may be resolved.

    Attributes:
        ends: when it ends; None if no time is set.
        session: the session that also ends it, such as `login`; empty for none.
        uses: the number of uses left; None for no limit.
        hosts: where the token belongs; empty if that is unknown.
    """

    reference: str
    provider: str
    hosts: tuple[str, ...]
    ends: datetime | None
    session: str
    uses: int | None


@dataclass(frozen=True, slots=True)
class Overview:
    """The contents of a report.

    Attributes:
        now: when the report was made.
        since: tokens that ended before are left out; None for no limit.
        stored: the number of tokens in the keyring.
    """

    title: str
    folder: str
    now: datetime
    since: datetime | None
    tokens: tuple[ReportedToken, ...]
    uses: tuple[ReportedUse, ...]
    leases: tuple[ReportedLease, ...]
    stored: int
    version: str
