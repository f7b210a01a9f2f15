"""Builds the report on the tokens of one workspace or all: where they were, how long, who used them, what ends soon."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePath

from tokenward import __version__
from tokenward.custody.bindings.entries import Entries, TokenEntry
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.events import Event, Record, text_of, texts_of
from tokenward.custody.ledger.histories import PlaceHistory, TokenHistory, histories
from tokenward.custody.ledger.ledger import Ledger
from tokenward.detection.rules.token_hosts import hosts_of
from tokenward.detection.validation.requests import CheckOutcome
from tokenward.model import Reference, Surface
from tokenward.operations.report.overview import (
    Overview,
    ReportedLease,
    ReportedPlace,
    ReportedToken,
    ReportedUse,
    TokenState,
)
from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class ReportData:
    """The contents of Tokenward's records."""

    records: tuple[Record, ...]
    entries: tuple[TokenEntry, ...]
    leases: Mapping[Reference, Lease]

    @classmethod
    def of(cls, places: Places) -> ReportData:
        """Read the records of a user."""
        leases = Leases(places.custody, Sessions(places.sessions))
        return cls(Ledger(places.ledger).records(), Entries(places.custody).all(), leases.all())


@dataclass(frozen=True, slots=True)
class Scope:
    """The extent of a report.

    Attributes:
        folders: the folders of the workspaces; empty for all workspaces.
        names: the names of the workspaces.
        since: leave out tokens that ended before; None for no limit.
        home: the user's home folder, spelled `~`.
    """

    folders: tuple[Path, ...]
    names: tuple[str, ...]
    since: datetime | None
    home: Path

    @property
    def title(self) -> str:
        """Return the name of the scope for people."""
        if not self.folders:
            return "all workspaces"
        if len(self.folders) > 1:
            return ", ".join(folder.name or str(folder) for folder in self.folders)
        folder = self.folders[0]
        return next(iter(self.names), folder.name or str(folder))

    def has_origin(self, origin: str) -> bool:
        """Return whether a text, or a folder, is in the scope."""
        return not self.folders or self._folder_of(_path(origin)) is not None

    def has_reference(self, reference: Reference | None) -> bool:
        """Return whether a reference is in the scope."""
        return not self.folders or (reference is not None and reference.workspace in self.names)

    def shown(self, origin: str) -> str:
        """Return the name of a text or folder for people, relative to the workspace or to their home."""
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


def build_overview(data: ReportData, scope: Scope, now: datetime) -> Overview:
    """Return the contents of a report."""
    entries = [entry for entry in data.entries if scope.has_reference(entry.reference)]
    tokens = _Tokens(data.entries, scope, now)
    wanted = filter(tokens.is_wanted, histories(data.records))
    home = scope.home
    folders = (
        f"~/{one.relative_to(home).as_posix()}" if one.is_relative_to(home) else str(one)
        for one in scope.folders
    )
    return Overview(
        title=scope.title,
        folder=", ".join(folders),
        now=now,
        since=scope.since,
        tokens=tuple(map(tokens.reported, wanted)),
        uses=tuple(_uses(data.records, scope)),
        leases=tuple(_lease(entry, data.leases.get(entry.reference, Lease())) for entry in entries),
        stored=len(entries),
        version=__version__,
    )


class _Tokens:
    """Converts histories to the tokens of a report."""

    def __init__(self, entries: Iterable[TokenEntry], scope: Scope, now: datetime) -> None:
        self._scope = scope
        self._now = now
        self._stored = {entry.reference for entry in entries}

    def is_wanted(self, history: TokenHistory) -> bool:
        """Return whether a token was exposed in the scope, and not only before `since`."""
        is_here = any(map(self._scope.has_reference, history.references)) or any(
            self._scope.has_origin(place.origin) for place in history.places
        )
        since = self._scope.since
        is_past = since is not None and history.last_event < since and _gone(history, self._now) is not None
        return bool(history.places) and is_here and not is_past

    def reported(self, history: TokenHistory) -> ReportedToken:
        """Return a token as the report shows it."""
        reference = next((one for one in history.references if one in self._stored), None)
        return ReportedToken(
            label=history.label or f"{history.provider or 'Unknown'} token",
            provider=history.provider,
            reference=str(reference or ""),
            state=_state(history, self._now, is_stored=reference is not None),
            first_seen=min(place.first for place in history.places),
            gone=_gone(history, self._now),
            places=tuple(
                ReportedPlace(self._scope.shown(one.origin), _surface(one), one.first, one.gone)
                for one in history.places
            ),
            is_revoked=history.revoked is not None,
            seen_by=history.sights,
        )


def _surface(place: PlaceHistory) -> Surface:
    try:
        return Surface(place.surface)
    except ValueError:
        return Surface.FILE


def _state(history: TokenHistory, now: datetime, *, is_stored: bool) -> TokenState:
    if history.ignored is not None:
        return TokenState.IGNORED
    if _worthless(history, now) is not None:
        return TokenState.ENDED
    if any(place.gone is None for place in history.places):
        return TokenState.EXPOSED
    return TokenState.MOVED if is_stored else TokenState.LOOSE


def _gone(history: TokenHistory, now: datetime) -> datetime | None:
    """Return when a token was no longer exposed, or became useless; None while it is exposed."""
    gone = [place.gone for place in history.places if place.gone is not None]
    is_away = len(gone) == len(history.places)
    ends = (max(gone, default=None) if is_away else None, _worthless(history, now), history.ignored)
    return min((end for end in ends if end is not None), default=None)


def _worthless(history: TokenHistory, now: datetime) -> datetime | None:
    """Return when a token became useless, as far as is known."""
    dead = history.checked[0] if history.checked and history.checked[1] == CheckOutcome.DEAD.value else None
    ends = (history.revoked, dead, history.expires)
    return min((end for end in ends if end is not None and end <= now), default=None)


def _uses(records: Iterable[Record], scope: Scope) -> Iterator[ReportedUse]:
    for record in records:
        if record.event not in (Event.RESOLVED, Event.REFUSED, Event.WITHHELD):
            continue
        is_past = scope.since is not None and record.time < scope.since
        if is_past or not (scope.has_reference(record.reference) or scope.has_origin(record.origin or "")):
            continue
        detail, why = record.detail, text_of(record.detail, "why")
        verb = text_of(detail, "command") if why == "PersonNeeded" else ""
        parents = texts_of(detail, "parents")
        program = text_of(detail, "program")
        yield ReportedUse(
            time=record.time,
            token=str(record.reference or verb or "a token"),
            asked_by=scope.shown(program) if program else next(iter(parents), text_of(detail, "purpose")),
            agent=text_of(detail, "agent"),
            why=(why or "Refused") if record.event is not Event.RESOLVED else "",
        )


def _lease(entry: TokenEntry, lease: Lease) -> ReportedLease:
    ends = datetime.fromtimestamp(lease.expires, UTC) if lease.expires is not None else None
    return ReportedLease(
        reference=str(entry.reference),
        provider=entry.provider,
        hosts=tuple(one.name for one in hosts_of(entry.provider, entry.reference.name, lease.hosts)),
        ends=ends,
        session=lease.session.value if lease.session else "",
        uses=lease.uses,
    )


def _path(origin: str) -> PurePath:
    return PurePath(origin.removeprefix("file://") if origin.startswith("file:///") else origin)
