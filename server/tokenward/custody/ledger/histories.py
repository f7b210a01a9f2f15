"""What the ledger tells of each token: where it was seen, stored and used, and how it ended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tokenward.custody.ledger.details import moment_of, text_of, texts_of
from tokenward.custody.ledger.events import JSON, Event, Record
from tokenward.model import Fingerprint, Reference


@dataclass(frozen=True, slots=True)
class PlaceHistory:
    """A text that held a token.

    Attributes:
        origin: what the ledger calls it: a path, a uri, or a terminal's folder.
        surface: where it was seen, as a Surface; empty when unknown.
        first: when it was first seen there.
        gone: since when it is no longer there; None while it is, as far as is known.
    """

    origin: str
    surface: str
    first: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class UseRecord:
    """One time that somebody asked for a stored token.

    Attributes:
        purpose: a Purpose, in its own word.
        program: the path of what was started; empty when nothing was.
        command: without what could be a token; empty likewise.
        parents: the processes that asked, each as `name (pid)`, the nearest first.
        agent: the AI assistant among them; empty when none is known.
        origin: the folder that it was asked for in.
    """

    time: datetime
    purpose: str
    program: str
    command: str
    parents: tuple[str, ...]
    agent: str
    origin: str


@dataclass(frozen=True, slots=True)
class TokenHistory:
    """All that the ledger tells of one token.

    Attributes:
        rule: the full id of the rule that found it; empty when unknown, as are the next two.
        references: under which it was ever stored.
        issued: when its own claims say that it was issued; `expires`, when they say that it ends.
        stored: when it was first in the vault.
        refusals: uses that were not allowed, each with the name of the failure.
        checked: when its provider was last asked whether it works, and the outcome.
        ended: when it was first revoked, or since when no reference leads to it any more.
        traces: fingerprints of what its provider's logs call it.
    """

    fingerprint: Fingerprint
    rule: str
    provider: str
    label: str
    references: tuple[Reference, ...]
    first_seen: datetime
    last_event: datetime
    places: tuple[PlaceHistory, ...]
    issued: datetime | None = None
    expires: datetime | None = None
    stored: datetime | None = None
    uses: tuple[UseRecord, ...] = ()
    refusals: tuple[tuple[UseRecord, str], ...] = ()
    checked: tuple[datetime, str] | None = None
    revoked: datetime | None = None
    ended: datetime | None = None
    ignored: datetime | None = None
    traces: frozenset[str] = frozenset()


def histories(records: Iterable[Record]) -> tuple[TokenHistory, ...]:
    """The tokens of some records, which are in order; the one that was first seen is the first."""
    read = tuple(records)
    gathering = _Gathering(dict(_other_spellings(read)))
    for record in read:
        gathering.take(record)
    return tuple(one.history() for one in gathering.tokens.values())


def _other_spellings(records: Iterable[Record]) -> Iterator[tuple[Fingerprint, Fingerprint]]:
    """The fingerprint of what stood in a text, escapes and all, with that of the value that was stored."""
    for record in records:
        found_as = record.detail.get("found_as")
        if record.fingerprint is not None and isinstance(found_as, str) and found_as != record.fingerprint:
            yield Fingerprint(found_as), record.fingerprint


@dataclass(slots=True)
class _Place:
    surface: str
    first: datetime
    gone: datetime | None = None


@dataclass(slots=True)
class _Token:
    """What has been read of one token so far; `held` are the references that lead to it now."""

    fingerprint: Fingerprint
    first: datetime
    last: datetime
    known: dict[str, str] = field(default_factory=dict)
    references: dict[Reference, None] = field(default_factory=dict)
    held: set[Reference] = field(default_factory=set)
    places: dict[str, _Place] = field(default_factory=dict)
    moments: dict[str, datetime] = field(default_factory=dict)
    uses: list[UseRecord] = field(default_factory=list)
    refusals: list[tuple[UseRecord, str]] = field(default_factory=list)
    checked: tuple[datetime, str] | None = None
    given_up: datetime | None = None
    traces: set[str] = field(default_factory=set)

    def history(self) -> TokenHistory:
        moments = self.moments
        revoked = moments.get("revoked")
        return TokenHistory(
            fingerprint=self.fingerprint,
            rule=self.known.get("rule", ""),
            provider=self.known.get("provider", ""),
            label=self.known.get("label", ""),
            references=tuple(self.references),
            first_seen=self.first,
            last_event=self.last,
            places=tuple(
                PlaceHistory(origin, place.surface, place.first, place.gone)
                for origin, place in self.places.items()
            ),
            issued=moments.get("issued"),
            expires=moments.get("expires"),
            stored=moments.get("stored"),
            uses=tuple(self.uses),
            refusals=tuple(self.refusals),
            checked=self.checked,
            revoked=revoked,
            ended=min(filter(None, (revoked, self.given_up)), default=None),
            ignored=moments.get("ignored"),
            traces=frozenset(self.traces),
        )

    def learn(self, detail: Mapping[str, JSON]) -> None:
        """Keep what a record says of the token itself; the first to say it counts."""
        for name in ("rule", "provider", "label"):
            if text := text_of(detail, name):
                self.known.setdefault(name, text)
        for name in ("issued", "expires"):
            moment = moment_of(detail.get(name))
            if moment is not None:
                self.moments.setdefault(name, moment)
        self.traces.update(texts_of(detail, "traces"))

    def see(self, record: Record) -> None:
        """The token stands in the record's text."""
        if record.origin is not None:
            surface = text_of(record.detail, "surface")
            place = self.places.setdefault(record.origin, _Place(surface, record.time))
            place.surface = place.surface or surface
            place.gone = None

    def miss(self, record: Record) -> None:
        """The token is gone from the record's text."""
        place = self.places.get(record.origin or "")
        if place is not None and place.gone is None:
            place.gone = record.time

    def store(self, record: Record) -> None:
        """The record's reference leads to the token."""
        if record.reference is not None:
            self.references.setdefault(record.reference)
            self.held.add(record.reference)
            self.moments.setdefault("stored", record.time)
            self.given_up = None

    def give_up(self, record: Record) -> None:
        """The record's reference leads to nothing any more."""
        if record.reference in self.held:
            self.held.discard(record.reference)
            if not self.held:
                self.given_up = record.time


class _Gathering:
    """Records sorted by the tokens that they are of."""

    def __init__(self, spellings: Mapping[Fingerprint, Fingerprint]) -> None:
        self.tokens: dict[Fingerprint, _Token] = {}
        self._spellings = spellings
        self._stored_as: dict[Reference, Fingerprint] = {}

    def take(self, record: Record) -> None:
        fingerprint = self._fingerprint(record)
        if fingerprint is None:
            return
        if record.event in _STORING and record.reference is not None:
            self._stored_as[record.reference] = fingerprint
        token = self.tokens.setdefault(fingerprint, _Token(fingerprint, record.time, record.time))
        token.last = record.time
        if record.event in _TAKE:
            _TAKE[record.event](token, record)

    def _fingerprint(self, record: Record) -> Fingerprint | None:
        """Of the token that a record is of: the one that it names, or that its reference led to at the time."""
        if record.fingerprint is not None:
            return self._spellings.get(record.fingerprint, record.fingerprint)
        return self._stored_as.get(record.reference) if record.reference is not None else None


def _take_found(token: _Token, record: Record) -> None:
    token.learn(record.detail)
    token.see(record)


def _take_moved(token: _Token, record: Record) -> None:
    token.store(record)
    # Other files of a move only gained a reference; where some are left, the next look tells.
    if record.origin in token.places and not record.detail.get("left"):
        token.miss(record)


def _take_put(token: _Token, record: Record) -> None:
    token.learn(record.detail)
    token.store(record)


def _take_resolved(token: _Token, record: Record) -> None:
    token.uses.append(_use(record))


def _take_refused(token: _Token, record: Record) -> None:
    token.refusals.append((_use(record), text_of(record.detail, "why")))


def _take_checked(token: _Token, record: Record) -> None:
    token.learn(record.detail)
    token.checked = record.time, text_of(record.detail, "outcome")


def _take_revoked(token: _Token, record: Record) -> None:
    token.moments.setdefault("revoked", record.time)


def _take_ignored(token: _Token, record: Record) -> None:
    token.moments["ignored"] = record.time


def _take_leased(token: _Token, record: Record) -> None:
    # A new lease after the old one's end; what was erased is not there to be leased.
    if record.reference is not None and record.reference in token.references:
        token.held.add(record.reference)
        token.given_up = None


_STORING = frozenset({Event.STORED, Event.MOVED, Event.PUT})
_TAKE: Mapping[Event, Callable[[_Token, Record], None]] = {
    Event.FOUND: _take_found,
    Event.WITHDRAWN: _Token.miss,
    Event.MOVE_STARTED: _take_found,
    Event.STORED: _Token.store,
    Event.MOVED: _take_moved,
    Event.RESTORED: _Token.see,
    Event.PUT: _take_put,
    **dict.fromkeys((Event.REMOVED, Event.RENAMED, Event.EXPIRED, Event.ERASED), _Token.give_up),
    Event.LEASED: _take_leased,
    Event.RESOLVED: _take_resolved,
    Event.REFUSED: _take_refused,
    Event.IGNORED: _take_ignored,
    Event.CHECKED: _take_checked,
    Event.REVOKED: _take_revoked,
}


def _use(record: Record) -> UseRecord:
    detail = record.detail
    return UseRecord(
        time=record.time,
        purpose=text_of(detail, "purpose"),
        program=text_of(detail, "program"),
        command=text_of(detail, "command"),
        parents=tuple(texts_of(detail, "parents")),
        agent=text_of(detail, "agent"),
        origin=record.origin or "",
    )
