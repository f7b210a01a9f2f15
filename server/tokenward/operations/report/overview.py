"""What the report tells of, and what it counts: no value is in it, only labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tokenward.model import Kind, Surface


class State(StrEnum):
    """What became of a token that stood in the open; the worst is the first."""

    EXPOSED = "exposed"
    LOOSE = "loose"
    MOVED = "moved"
    ENDED = "ended"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class ReportedPlace:
    """A text that held a token.

    Attributes:
        name: what a person calls it: a path in the workspace, or a folder for a terminal.
        gone: since when it is no longer there; None while it is.
    """

    name: str
    surface: Surface
    first: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class ReportedToken:
    """A token that stood in the open.

    Attributes:
        label: what is shown in place of the value.
        reference: what leads to it in the keyring; empty when nothing does.
        gone: when it was no longer in the open, or worth nothing; None while it is.
        kind: how long it would last.
        is_revoked: its provider was told to end it, and did.
        in_workspaces: how many workspaces have it stored.
    """

    label: str
    provider: str
    reference: str
    kind: Kind
    state: State
    first_seen: datetime
    gone: datetime | None
    places: tuple[ReportedPlace, ...]
    is_revoked: bool = False
    in_workspaces: int = 0

    def exposure(self, now: datetime) -> timedelta:
        """Return for how long it stood in the open."""
        return max((self.gone or now) - self.first_seen, timedelta(0))


@dataclass(frozen=True, slots=True)
class ReportedUse:
    """One time that somebody asked for a stored token.

    Attributes:
        token: its reference, or its label when it has none.
        asked_by: the program, or what it was wanted for.
        agent: the AI assistant that asked; empty for none.
        why: why it was refused; empty when it was not.
    """

    time: datetime
    token: str
    asked_by: str
    purpose: str
    agent: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class ReportedLease:
    """The permission under which a stored token may be resolved.

    Attributes:
        ends: when it is over; None when no moment is set.
        session: what else ends it, such as `login`; empty for nothing.
        uses: how many are left; None for any number.
        is_limited: only some programs may have the token, or somebody is asked first.
    """

    reference: str
    provider: str
    ends: datetime | None
    session: str
    uses: int | None
    is_limited: bool


@dataclass(frozen=True, slots=True)
class Overview:
    """All that a report tells.

    Attributes:
        title: of what it tells: a workspace's name and folder, or all of them.
        now: when it was made.
        since: what was over before that is left out; None for nothing.
        stored: how many tokens the keyring holds.
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
