"""The result of a review of access logs, from which all its formats are made; holds no value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Whose(StrEnum):
    """The party behind a use in a log, as far as can be told."""

    OURS = "ours"
    """From an address that the user named; or, where none was named, at the time of a use from here."""
    MAYBE = "maybe ours"
    """From an address that our uses came from too, or by a service of the provider as a result of another use."""
    UNRECORDED = "unrecorded"
    """From before the token was stored, when uses from here were not recorded."""
    ACCOUNT = "of its account"
    """By the account that the token acts for, with this token or otherwise."""
    OTHERS = "not ours"


class ReviewVerdict(StrEnum):
    """The verdict on a token, the worst first."""

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
        return self in (ReviewVerdict.AFTER_END, ReviewVerdict.OTHERS)


@dataclass(frozen=True, slots=True)
class LogUses:
    """Similar uses of one token in the logs.

    Attributes:
        address: where they came from; empty when the log does not say.
        after: `revoked` or `expired` if they came after that end of the token; else empty.
        count: how many there were, of which `failed` were refused.
        actions: some of the actions.
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
class FormerPlace:
    """A text that held the token; `gone` is None while it does."""

    origin: str
    surface: str
    first: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class OwnUse:
    """The last time that the token was requested here."""

    time: datetime
    purpose: str
    program: str
    command: str
    agent: str


@dataclass(frozen=True, slots=True)
class ReviewedToken:
    """A token with its facts from the ledger and the logs; empty where there are none.

    Attributes:
        name: its reference, else its label.
        own_uses: how often it was resolved here; `refusals`, how often it was not.
        uses: those of the logs, the suspicious ones first.
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
    places: tuple[FormerPlace, ...]
    stored: datetime | None
    last_use: OwnUse | None
    own_uses: int
    refusals: int
    revoked: datetime | None
    ended: datetime | None
    uses: tuple[LogUses, ...]
    verdict: ReviewVerdict
    sentence: str


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log that was read.

    Attributes:
        providers: of its records.
        records: how many it holds, of which `matched` are of tokens that the ledger knows.
        first: the earliest of its records; None without any.
        remarks: the parts that could not be read, each as the end of a sentence that begins with its name.
    """

    name: str
    providers: tuple[str, ...]
    records: int
    matched: int
    first: datetime | None
    last: datetime | None
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LogReview:
    """A whole review; the most suspicious token is the first."""

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
        """Return the tokens that were stored, revoked or used; a scan reports as much of the others."""
        return tuple(one for one in self.tokens if one.uses or one.stored or one.revoked)
