"""What is told of a workspace's tokens, or of all: where they stood, how long, who used them, and what ends soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from tokenward import __version__
from tokenward.custody.bindings.entries import Entries, Entry
from tokenward.custody.leases.lease import Confirm, Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.details import text_of, texts_of
from tokenward.custody.ledger.events import Event, Record
from tokenward.custody.ledger.histories import PlaceHistory, TokenHistory, histories
from tokenward.custody.ledger.ledger import Ledger
from tokenward.detection.rules.profiles import profile_of
from tokenward.detection.validation.requests import Outcome
from tokenward.model import Claims, Reference, Surface
from tokenward.operations.report.overview import (
    Overview,
    ReportedLease,
    ReportedPlace,
    ReportedToken,
    ReportedUse,
    State,
)
from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class Known:
    """What Tokenward's records hold."""

    records: tuple[Record, ...]
    entries: tuple[Entry, ...]
    leases: Mapping[Reference, Lease]

    @classmethod
    def of(cls, places: Places) -> Known:
        leases = Leases(places.custody, Sessions(places.sessions))
        return cls(Ledger(places.ledger).records(), Entries(places.custody).all(), leases.all())


@dataclass(frozen=True, slots=True)
class Scope:
    """What a report is of.

    Attributes:
        folders: those of the workspace, or of several; empty for all workspaces.
        names: of the workspaces.
        since: what was over before that is left out; None for nothing.
        home: the user's folder, which is spelled `~`.
    """

    folders: tuple[Path, ...]
    names: tuple[str, ...]
    since: datetime | None
    home: Path

    @property
    def title(self) -> str:
        """What a person calls it."""
        if not self.folders:
            return "all workspaces"
        if len(self.folders) > 1:
            return ", ".join(folder.name or str(folder) for folder in self.folders)
        folder = self.folders[0]
        return next(iter(self.names), folder.name or str(folder))

    def has_origin(self, origin: str) -> bool:
        """Return whether a text, or a folder, is of the workspace."""
        return not self.folders or self._folder_of(_path(origin)) is not None

    def has_reference(self, reference: Reference | None) -> bool:
        return not self.folders or (reference is not None and reference.workspace in self.names)

    def shown(self, origin: str) -> str:
        """What a person calls a text, or a folder: by the workspace, or by their home."""
        path = _path(origin)
        folder = self._folder_of(path)
        if folder is not None:
            start = folder.parent if len(self.folders) > 1 or path == folder else folder
            return path.relative_to(start).as_posix()
        if path.is_relative_to(self.home):
            return f"~/{path.relative_to(self.home).as_posix()}"
        return origin

    def _folder_of(self, path: PurePath) -> Path | None:
        return next((folder for folder in self.folders if path.is_relative_to(folder)), None)


def overview(known: Known, scope: Scope, now: datetime) -> Overview:
    """Return all that a report tells."""
    entries = [entry for entry in known.entries if scope.has_reference(entry.reference)]
    tokens = _Tokens(known.entries, scope, now)
    told = (tokens.reported(history) for history in histories(known.records) if tokens.is_wanted(history))
    return Overview(
        title=scope.title,
        folder=", ".join(_by_home(folder, scope.home) for folder in scope.folders),
        now=now,
        since=scope.since,
        tokens=tuple(told),
        uses=tuple(_uses(known.records, scope)),
        leases=tuple(_lease(entry, known.leases.get(entry.reference, Lease())) for entry in entries),
        stored=len(entries),
        version=__version__,
    )


class _Tokens:
    """Histories as a report has them."""

    def __init__(self, entries: Iterable[Entry], scope: Scope, now: datetime) -> None:
        self._scope = scope
        self._now = now
        self._entries = {entry.reference: entry for entry in entries}
        self._workspaces = Counter(
            fingerprint
            for fingerprint, _ in {(entry.fingerprint, entry.reference.workspace) for entry in entries}
        )

    def is_wanted(self, history: TokenHistory) -> bool:
        """Return whether a token stood in the open, in the scope, and not only before."""
        is_here = any(map(self._scope.has_reference, history.references)) or any(
            self._scope.has_origin(place.origin) for place in history.places
        )
        since = self._scope.since
        is_past = since is not None and history.last_event < since and _gone(history, self._now) is not None
        return bool(history.places) and is_here and not is_past

    def reported(self, history: TokenHistory) -> ReportedToken:
        claims = Claims(expires=int(history.expires.timestamp()) if history.expires else None)
        reference = next((one for one in history.references if one in self._entries), None)
        return ReportedToken(
            label=history.label or f"{history.provider or 'Unknown'} token",
            provider=history.provider,
            reference=str(reference or ""),
            kind=profile_of(history.rule, claims).kind,
            state=_state(history, self._now, is_stored=reference is not None),
            first_seen=min(place.first for place in history.places),
            gone=_gone(history, self._now),
            places=tuple(map(self._place, history.places)),
            is_revoked=history.revoked is not None,
            in_workspaces=self._workspaces[history.fingerprint],
        )

    def _place(self, place: PlaceHistory) -> ReportedPlace:
        try:
            surface = Surface(place.surface)
        except ValueError:
            surface = Surface.FILE
        return ReportedPlace(self._scope.shown(place.origin), surface, place.first, place.gone)


def _state(history: TokenHistory, now: datetime, *, is_stored: bool) -> State:
    if history.ignored is not None:
        return State.IGNORED
    if _worthless(history, now) is not None:
        return State.ENDED
    if any(place.gone is None for place in history.places):
        return State.EXPOSED
    return State.MOVED if is_stored else State.LOOSE


def _gone(history: TokenHistory, now: datetime) -> datetime | None:
    """When a token was no longer in the open, or worth nothing; None while it is."""
    gone = [place.gone for place in history.places if place.gone is not None]
    is_away = len(gone) == len(history.places)
    ends = (max(gone, default=None) if is_away else None, _worthless(history, now), history.ignored)
    return min((end for end in ends if end is not None), default=None)


def _worthless(history: TokenHistory, now: datetime) -> datetime | None:
    """When a token stopped opening anything, as far as is known."""
    dead = history.checked[0] if history.checked and history.checked[1] == Outcome.DEAD.value else None
    ends = (history.revoked, dead, history.expires)
    return min((end for end in ends if end is not None and end <= now), default=None)


def _uses(records: Iterable[Record], scope: Scope) -> Iterator[ReportedUse]:
    for record in records:
        if record.event not in (Event.RESOLVED, Event.REFUSED):
            continue
        is_past = scope.since is not None and record.time < scope.since
        if is_past or not (scope.has_reference(record.reference) or scope.has_origin(record.origin or "")):
            continue
        detail = record.detail
        parents = texts_of(detail, "parents")
        program = text_of(detail, "program")
        purpose = text_of(detail, "purpose")
        yield ReportedUse(
            time=record.time,
            token=str(record.reference or "a token"),
            asked_by=scope.shown(program) if program else next(iter(parents), purpose),
            purpose=purpose,
            agent=text_of(detail, "agent"),
            why=(text_of(detail, "why") or "Refused") if record.event is Event.REFUSED else "",
        )


def _lease(entry: Entry, lease: Lease) -> ReportedLease:
    ends = datetime.fromtimestamp(lease.expires, UTC) if lease.expires is not None else None
    return ReportedLease(
        reference=str(entry.reference),
        provider=entry.provider,
        ends=ends,
        session=lease.session.value if lease.session else "",
        uses=lease.uses,
        is_limited=bool(lease.programs) or lease.confirm is not Confirm.NEVER,
    )


def _path(origin: str) -> PurePath:
    return PurePath(origin.removeprefix("file://") if origin.startswith("file:///") else origin)


def _by_home(folder: Path, home: Path) -> str:
    return f"~/{folder.relative_to(home).as_posix()}" if folder.is_relative_to(home) else str(folder)
