"""What a review of access logs came to: the one thing that all its formats are made from; holds no value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Whose(StrEnum):
    """Whose a use in a log is, as far as can be told."""

    OURS = "ours"
    """From an address that the user named; or, where none was named, at the time of a use from here."""
    MAYBE = "maybe ours"
    """From an address that ours came from too, or by a service of the provider in consequence of another use."""
    UNRECORDED = "unrecorded"
    """From before the token was stored, when nobody wrote down the uses from here."""
    ACCOUNT = "of its account"
    """By whom the token acts for, with this token or otherwise."""
    OTHERS = "not ours"


class Verdict(StrEnum):
    """What to make of a token, the worst first."""

    AFTER_END = "used after its end"
    OTHERS = "used by others"
    UNRECORDED = "used, unrecorded"
    ACCOUNT = "account used"
    OURS = "used as recorded"
    UNUSED = "no use"
    UNNAMED = "cannot be looked up"
    NOT_COVERED = "no log of it"

    @property
    def is_strange(self) -> bool:
        return self in (Verdict.AFTER_END, Verdict.OTHERS)


@dataclass(frozen=True, slots=True)
class LogUses:
    """Uses of one token in the logs that are alike.

    Attributes:
        address: where they came from; empty when the log does not say.
        after: the end of the token that they came after, `revoked` or `expired`; empty when there was none.
        count: how many there were, of which `failed` were refused.
        actions: some of what was done.
    """

    address: str
    whose: Whose
    after: str
    count: int
    failed: int
    first: datetime
    last: datetime
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A text that held the token; `gone` is None while it does."""

    origin: str
    surface: str
    first: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class OwnUse:
    """The last time that somebody asked for the token here."""

    time: datetime
    purpose: str
    program: str
    command: str
    agent: str


@dataclass(frozen=True, slots=True)
class ReviewedToken:
    """A token with what the ledger and the logs tell of it; empty where that is nothing.

    Attributes:
        name: what a person knows it by: its reference, else its label.
        own_uses: how often it was given out here; `refusals`, how often it was not.
        uses: those of the logs, what is strange first.
        sentence: the verdict in words.
    """

    name: str
    fingerprint: str
    provider: str
    rule: str
    label: str
    references: tuple[str, ...]
    kind: str
    scope: str
    issued: datetime | None
    expires: datetime | None
    first_seen: datetime
    places: tuple[Place, ...]
    stored: datetime | None
    last_use: OwnUse | None
    own_uses: int
    refusals: int
    revoked: datetime | None
    ended: datetime | None
    uses: tuple[LogUses, ...]
    verdict: Verdict
    sentence: str


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log that was read.

    Attributes:
        providers: whose records it holds.
        records: how many it holds, of which `matched` are of tokens that the ledger knows.
        first: the earliest of its records; None without any.
        remarks: what could not be read of it, each in words that go on after its name.
    """

    name: str
    providers: tuple[str, ...]
    records: int
    matched: int
    first: datetime | None
    last: datetime | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Review:
    """A whole review; the strangest token is the first."""

    tokens: tuple[ReviewedToken, ...]
    logs: tuple[LogFile, ...]
    since: datetime | None = None
    until: datetime | None = None
    ours: tuple[str, ...] = ()

    @property
    def is_strange(self) -> bool:
        return any(token.verdict.is_strange for token in self.tokens)

    @property
    def of_interest(self) -> tuple[ReviewedToken, ...]:
        """Return the tokens that were stored, revoked or used; of the others a scan tells as much."""
        return tuple(one for one in self.tokens if one.uses or one.stored or one.revoked)
