"""The result of a review of access logs, the source of all its formats; contains no value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tokenward.custody.ledger.histories import AgentSight, PlaceHistory, UseRecord


class Whose(StrEnum):
    """The party behind a use in a log, as far as is known."""

    OURS = "ours"
    """From an address that the user named or, if none was named, at the time of a use from here."""
    MAYBE = "maybe ours"
    """From an address that our uses also came from, or by the provider's own service as a result of another use."""
    UNRECORDED = "unrecorded"
    """From before the token was stored, when uses from here were not recorded."""
    ACCOUNT = "of its account"
    """By the account of the token, with this token or another."""
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
        """Return whether the verdict is suspicious."""
        return self in (ReviewVerdict.AFTER_END, ReviewVerdict.OTHERS)


@dataclass(frozen=True, slots=True)
class LogUses:
    """Similar uses of a token in the logs.

    Attributes:
        address: where they came from; empty if the log does not say.
        after: `revoked` or `expired` if they came after that end of the token; otherwise empty.
        count: the number of uses, of which `failed` were refused.
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
class ReviewedToken:
    """A token with its facts from the ledger and the logs; empty where nothing is known.

    Attributes:
        name: its reference, or else its label.
        last_use: its latest use here.
        own_uses: how often it was resolved here; `refusals` is how often it was refused.
        seen_by: the AI agents in whose transcripts it was found.
        uses: the uses in the logs, the suspicious ones first.
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
    places: tuple[PlaceHistory, ...]
    stored: datetime | None
    last_use: UseRecord | None
    own_uses: int
    refusals: int
    seen_by: tuple[AgentSight, ...]
    revoked: datetime | None
    ended: datetime | None
    uses: tuple[LogUses, ...]
    verdict: ReviewVerdict
    sentence: str


@dataclass(frozen=True, slots=True)
class LogFile:
    """A log that was read.

    Attributes:
        providers: the providers of its records.
        records: the number of records, of which `matched` are about tokens in the ledger.
        first: the time of its earliest record; None without records.
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
    """A whole review, with the most suspicious token first."""

    tokens: tuple[ReviewedToken, ...]
    logs: tuple[LogFile, ...]
    since: datetime | None = None
    until: datetime | None = None
    ours: tuple[str, ...] = ()
    refusals: int = 0
    """How often AI agents were refused here what only a person may do, where they named no stored token."""

    @property
    def is_strange(self) -> bool:
        """Return whether any token has a suspicious verdict."""
        return any(token.verdict.is_strange for token in self.tokens)

    @property
    def of_interest(self) -> tuple[ReviewedToken, ...]:
        """Return the tokens that were stored, revoked or used; a scan reports the others."""
        return tuple(one for one in self.tokens if one.uses or one.stored or one.revoked)
