"""Each token's history in the ledger: where it was seen, stored and used, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tokenward.custody.ledger.events import JSON, Event, Record, moment_of, text_of, texts_of
from tokenward.model import Fingerprint, Reference, Surface


@dataclass(frozen=True, slots=True)
class PlaceHistory:
    """A text that contained a token.

    Attributes:
        origin: its name in the ledger: a path, a URI, or a terminal's folder.
        surface: the value of a Surface; empty if unknown.
        first: when the token was first seen there.
        gone: when it was first missing there; None if it is still there, as far as is known.
    """

    origin: str
    surface: str
    first: datetime
    gone: datetime | None


@dataclass(frozen=True, slots=True)
class UseRecord:
    """One request for a stored token.

    Attributes:
        purpose: the value of a Purpose.
        program: the path of the started program, if any.
        command: its command line, without possible tokens.
        parents: the requesting processes, each as `name (pid)`, the nearest first.
        agent: the AI assistant among them; empty if none is known.
        origin: the folder that the request came from.
    """

    time: datetime
    purpose: str
    program: str
    command: str
    parents: tuple[str, ...]
    agent: str
    origin: str


@dataclass(frozen=True, slots=True)
class AgentSight:
    """An AI agent that has seen a token.

    Attributes:
        first: when, according to its transcript.
        how: how the token got there, in words; several are separated by commas.
    """

    agent: str
    first: datetime
    how: str


@dataclass(frozen=True, slots=True)
class TokenHistory:
    """Everything that the ledger knows about a token.

    Attributes:
        rule: the full id of the rule that found it; empty if unknown, like the next two.
        references: every reference under which it was ever stored.
        issued: when it was issued, according to its own claims, as is `expires`.
        stored: when it was first in the vault.
        refusals: refused uses, each with the name of the failure.
        checked: when its provider last checked it, and the result.
        ended: when it was first revoked or lost its last reference.
        traces: fingerprints of its identifiers in its provider's logs.
        sights: the AI agents in whose transcripts it was found, the first first.
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
    sights: tuple[AgentSight, ...] = ()


def histories(records: Iterable[Record]) -> tuple[TokenHistory, ...]:
    """Return the history of each token in ordered records; the token seen first comes first."""
    read = tuple(records)
    spellings = dict(_spellings(read))
    stored_as: dict[Reference, Fingerprint] = {}
    tokens: dict[Fingerprint, _Token] = {}
    for record in read:
        if record.fingerprint is not None:
            fingerprint = spellings.get(record.fingerprint, record.fingerprint)
        elif record.reference in stored_as:
            fingerprint = stored_as[record.reference]
        else:
            continue
        if record.event in _STORING and record.reference is not None:
            stored_as[record.reference] = fingerprint
        token = tokens.setdefault(fingerprint, _Token(fingerprint, record.time, record.time))
        token.add(record)
    return tuple(token.history() for token in tokens.values())


def _spellings(records: Iterable[Record]) -> Iterator[tuple[Fingerprint, Fingerprint]]:
    """Map the fingerprint of a token as written, with escapes, to that of the stored value."""
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
    """A token's history so far; `held` are the references that currently lead to it."""

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
    sights: dict[str, AgentSight] = field(default_factory=dict)

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
            sights=tuple(sorted(self.sights.values(), key=lambda sight: sight.first)),
        )

    def add(self, record: Record) -> None:
        """Add the next record of the token."""
        event, self.last = record.event, record.time
        if event in _DESCRIBING:
            self._learn(record.detail)
        # Other files of a move only gained a reference; if tokens are left, the next scan reports them.
        is_moved_away = (
            event is Event.MOVED and record.origin in self.places and not record.detail.get("left")
        )
        if event in _SEEING:
            self._see(record)
        elif event is Event.WITHDRAWN or is_moved_away:
            place = self.places.get(record.origin or "")
            if place is not None and place.gone is None:
                place.gone = record.time
        if event in _STORING:
            self._store(record)
        elif event in _REMOVING and record.reference in self.held:
            self.held.discard(record.reference)
            if not self.held:
                self.given_up = record.time
        self._add_outcome(record)

    def _add_outcome(self, record: Record) -> None:
        match record.event:
            case Event.LEASED if record.reference is not None and record.reference in self.references:
                # A new lease after the end of the old one; an erased token cannot be leased.
                self.held.add(record.reference)
                self.given_up = None
            case Event.RESOLVED:
                self.uses.append(_use(record))
            case Event.REFUSED:
                self.refusals.append((_use(record), text_of(record.detail, "why")))
            case Event.IGNORED:
                self.moments["ignored"] = record.time
            case Event.CHECKED:
                self.checked = record.time, text_of(record.detail, "outcome")
            case Event.REVOKED:
                self.moments.setdefault("revoked", record.time)
            case _:
                pass

    def _learn(self, detail: Mapping[str, JSON]) -> None:
        """Keep a record's facts about the token; the first record of a fact counts."""
        for name in ("rule", "provider", "label"):
            if text := text_of(detail, name):
                self.known.setdefault(name, text)
        for name in ("issued", "expires"):
            moment = moment_of(detail.get(name))
            if moment is not None:
                self.moments.setdefault(name, moment)
        self.traces.update(texts_of(detail, "traces"))

    def _see(self, record: Record) -> None:
        """Note that the token is in the record's text."""
        if record.origin is not None:
            surface = text_of(record.detail, "surface")
            place = self.places.setdefault(record.origin, _Place(surface, record.time))
            place.surface = place.surface or surface
            place.gone = None
            agent = text_of(record.detail, "agent")
            if agent and surface == Surface.TRANSCRIPT:
                first = moment_of(record.detail.get("seen")) or record.time
                sight = AgentSight(agent, first, text_of(record.detail, "how"))
                self.sights[agent] = min(sight, self.sights.get(agent, sight), key=lambda one: one.first)

    def _store(self, record: Record) -> None:
        """Note that the record's reference leads to the token."""
        if record.reference is not None:
            self.references.setdefault(record.reference)
            self.held.add(record.reference)
            self.moments.setdefault("stored", record.time)
            self.given_up = None


_DESCRIBING = frozenset({Event.FOUND, Event.MOVE_STARTED, Event.PUT, Event.CHECKED})
_SEEING = frozenset({Event.FOUND, Event.MOVE_STARTED, Event.RESTORED})
_STORING = frozenset({Event.STORED, Event.MOVED, Event.PUT})
_REMOVING = frozenset({Event.REMOVED, Event.REPLACED, Event.RENAMED, Event.EXPIRED, Event.ERASED})


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
