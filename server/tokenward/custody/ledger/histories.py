"""Each token's history in the ledger: where it was seen, stored and used, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tokenward.custody.ledger.events import Event, Record, moment_of, text_of, texts_of
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
    """A use of a stored token.

    Attributes:
        purpose: the value of a Purpose.
        command: its command line, without possible tokens.
        agent: the AI assistant that asked; empty if none is known.
    """

    time: datetime
    purpose: str
    program: str
    command: str
    agent: str


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
        refusals: how often a use was refused.
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
    refusals: int = 0
    checked: tuple[datetime, str] | None = None
    revoked: datetime | None = None
    ended: datetime | None = None
    ignored: datetime | None = None
    traces: frozenset[str] = frozenset()
    sights: tuple[AgentSight, ...] = ()


_DESCRIBING = frozenset({Event.FOUND, Event.MOVE_STARTED, Event.PUT, Event.CHECKED})
_SEEING = frozenset({Event.FOUND, Event.MOVE_STARTED, Event.RESTORED})
_STORING = frozenset({Event.STORED, Event.MOVED, Event.PUT})
_REMOVING = frozenset({Event.REMOVED, Event.REPLACED, Event.RENAMED})


def histories(records: Iterable[Record]) -> tuple[TokenHistory, ...]:
    """Return the history of each token in ordered records; the token seen first comes first."""
    read = tuple(records)
    # The fingerprint of a token as written, with escapes, leads to that of the stored value.
    spellings: dict[Fingerprint, Fingerprint] = {}
    for record in read:
        found_as = record.detail.get("found_as")
        if record.fingerprint is not None and isinstance(found_as, str) and found_as != record.fingerprint:
            spellings[Fingerprint(found_as)] = record.fingerprint
    stored_as: dict[Reference, Fingerprint] = {}
    tokens: dict[Fingerprint, list[Record]] = {}
    for record in read:
        if record.fingerprint is not None:
            fingerprint = spellings.get(record.fingerprint, record.fingerprint)
        elif record.reference in stored_as:
            fingerprint = stored_as[record.reference]
        else:
            continue
        if record.event in _STORING and record.reference is not None:
            stored_as[record.reference] = fingerprint
        tokens.setdefault(fingerprint, []).append(record)
    return tuple(_history(fingerprint, of_token) for fingerprint, of_token in tokens.items())


def _history(fingerprint: Fingerprint, records: Sequence[Record]) -> TokenHistory:
    by_event: dict[Event, list[Record]] = {event: [] for event in Event}
    for record in records:
        by_event[record.event].append(record)
    details = [record.detail for record in records if record.event in _DESCRIBING]
    stored = [one for one in records if one.event in _STORING and one.reference is not None]
    # Of several records of a fact, the first counts.
    rule, provider, label = (
        next(filter(None, (text_of(detail, name) for detail in details)), "")
        for name in ("rule", "provider", "label")
    )
    issued, expires = (
        next(filter(None, (moment_of(detail.get(name)) for detail in details)), None)
        for name in ("issued", "expires")
    )
    checked = [(one.time, text_of(one.detail, "outcome")) for one in by_event[Event.CHECKED]]
    revoked = next((one.time for one in by_event[Event.REVOKED]), None)
    return TokenHistory(
        fingerprint=fingerprint,
        rule=rule,
        provider=provider,
        label=label,
        references=tuple(dict.fromkeys(one.reference for one in stored if one.reference is not None)),
        first_seen=records[0].time,
        last_event=records[-1].time,
        places=_places(records),
        issued=issued,
        expires=expires,
        stored=next((one.time for one in stored), None),
        uses=tuple(map(_use, by_event[Event.RESOLVED])),
        refusals=len(by_event[Event.REFUSED]),
        checked=next(reversed(checked), None),
        revoked=revoked,
        ended=min(filter(None, (revoked, _given_up(records))), default=None),
        ignored=next((one.time for one in reversed(by_event[Event.IGNORED])), None),
        traces=frozenset(trace for detail in details for trace in texts_of(detail, "traces")),
        sights=_sights(records),
    )


def _places(records: Iterable[Record]) -> tuple[PlaceHistory, ...]:
    places: dict[str, PlaceHistory] = {}
    for record in records:
        origin = record.origin
        if origin is None:
            continue
        known = places.get(origin)
        # Other files of a move only gained a reference; if tokens are left, the next scan reports them.
        is_gone = record.event is Event.WITHDRAWN or (
            record.event is Event.MOVED and not record.detail.get("left")
        )
        if record.event in _SEEING:
            surface = text_of(record.detail, "surface")
            known = known or PlaceHistory(origin, surface, record.time, None)
            places[origin] = replace(known, surface=known.surface or surface, gone=None)
        elif is_gone and known is not None and known.gone is None:
            places[origin] = replace(known, gone=record.time)
    return tuple(places.values())


def _sights(records: Iterable[Record]) -> tuple[AgentSight, ...]:
    sights: dict[str, AgentSight] = {}
    for record in records:
        detail, agent = record.detail, text_of(record.detail, "agent")
        is_sight = record.event in _SEEING and text_of(detail, "surface") == Surface.TRANSCRIPT
        if is_sight and agent and record.origin is not None:
            sight = AgentSight(agent, moment_of(detail.get("seen")) or record.time, text_of(detail, "how"))
            sights[agent] = min(sight, sights.get(agent, sight), key=lambda one: one.first)
    return tuple(sorted(sights.values(), key=lambda sight: sight.first))


def _given_up(records: Iterable[Record]) -> datetime | None:
    """Return when a token lost its last reference; None while it has one, or if it never had any."""
    held: set[Reference] = set()
    ended = None
    for record in records:
        reference = record.reference
        if reference is None:
            continue
        if record.event in _STORING:
            held.add(reference)
            ended = None
        elif record.event in _REMOVING and reference in held:
            held.discard(reference)
            ended = None if held else record.time
    return ended


def _use(record: Record) -> UseRecord:
    purpose, program, command, agent = (
        text_of(record.detail, name) for name in ("purpose", "program", "command", "agent")
    )
    return UseRecord(record.time, purpose, program, command, agent)
