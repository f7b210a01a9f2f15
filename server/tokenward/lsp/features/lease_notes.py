"""Leases in an editor: notes on references whose leases are over or end soon, and the erasing of what is over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from tokenward.custody.leases.editors import Editors
from tokenward.custody.leases.leases import GRACE
from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import to_span
from tokenward.lsp.client.references import Place, references_of
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.client.workspace_of import workspace_of
from tokenward.model import Reference
from tokenward.names import DIAGNOSTIC_SOURCE
from tokenward.operations.access.erase_expired import sweep, tokens_to_erase
from tokenward.operations.access.lease_terms import Terms, terms_in
from tokenward.operations.context import Context
from tokenward.presentation.leases import note
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

PAUSE = 0.3
"""Seconds without a change before a document's references are looked at."""
AGAIN = 30.0
"""Seconds after which they are looked at again, since a command may have changed a lease."""
SWEEP_AGAIN = GRACE + 60.0
"""Seconds after which it is looked again at what is to be erased."""

Show = Callable[[str, int, list[types.Diagnostic]], None]


class _Found(NamedTuple):
    """What is to be said now, by which leases, and when the next of them ends, in seconds since 1970."""

    notes: list[tuple[Place, str]]
    terms: dict[Reference, Terms | None]
    next_end: float


class LeaseNotes:
    """Looks at the leases of the references in open documents; to be used on the event loop only."""

    def __init__(self, session: Session, keeping: Keeping, show: Show) -> None:
        self._session = session
        self._keeping = keeping
        self._show = show
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._noted: set[str] = set()
        self._folders: tuple[Path, ...] = ()
        self._next_sweep: asyncio.TimerHandle | None = None

    def look(self, document: Document, seconds: float = PAUSE) -> None:
        """Look at a document in a while, instead of when it was to be looked at before."""
        self.forget(document.origin.uri)
        work = partial(self._begin, document)
        self._timers[document.origin.uri] = asyncio.get_running_loop().call_later(seconds, work)

    def forget(self, uri: str) -> None:
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()

    async def begin(self) -> None:
        """Say which folders are open here, and erase what is over, now and from time to time."""
        await self._session.in_scan_thread(self._register)
        for document in self._session.documents:
            self.look(document)
        await self._sweep()

    async def _sweep(self) -> None:
        self._next_sweep = asyncio.get_running_loop().call_later(SWEEP_AGAIN, self._begin_sweep)
        if await self._session.in_scan_thread(partial(tokens_to_erase, self._keeping.context())):
            await self._keeping.run(sweep)

    def _begin_sweep(self) -> None:
        self._session.start(self._sweep())

    def close(self) -> None:
        for uri in tuple(self._timers):
            self.forget(uri)
        if self._next_sweep is not None:
            self._next_sweep.cancel()

    def _register(self) -> None:
        folders = tuple(self._session.folders)
        if folders != self._folders:
            context = self._keeping.context()
            Editors(self._session.places.custody, context.leases.sessions).opened(folders)
            self._folders = folders

    def _begin(self, document: Document) -> None:
        self._timers.pop(document.origin.uri, None)
        if self._session.settings_for(document).enabled:
            self._session.start(self._look(document))

    async def _look(self, document: Document) -> None:
        uri, version, lines = document.origin.uri, document.version, tuple(document.lines)
        try:
            context = self._keeping.context(document)
            work = partial(self._notes, context, document.origin, lines)
            found = await self._session.in_scan_thread(work)
        except TokenwardError:
            # Whoever asks for something is told.
            return
        if found is None or self._session.documents.get(uri) is not document or document.version != version:
            return
        items = [_diagnostic(self._session, place, text) for place, text in found.notes]
        self._show(uri, version, items)
        self._session.hints.leases_are(uri, found.terms)
        self.look(document, max(PAUSE, min(AGAIN, found.next_end - time.time())))

    def _notes(self, context: Context, origin: Origin, lines: Sequence[str]) -> _Found | None:
        """What is to be said at which references; None when there are none. Runs in a thread."""
        self._register()
        places = references_of(lines)
        workspace = workspace_of(self._session, context, origin) if places else None
        if workspace is None:
            return None
        terms, now = terms_in(*workspace, (place.reference for place in places)), time.time()
        notes = {reference: note(reference, one, now) for reference, one in terms.items()}
        ends = [one.expires for one in terms.values() if one.expires is not None and not one.over]
        said = [(place, notes[place.reference]) for place in places if notes.get(place.reference)]
        known = {place.reference: terms.get(place.reference) for place in places}
        return _Found(said, known, min(ends, default=now + AGAIN))


def _diagnostic(session: Session, place: Place, text: str) -> types.Diagnostic:
    return types.Diagnostic(
        range=to_span(place.line, place.span, place.text, encoding=session.encoding),
        message=text,
        severity=types.DiagnosticSeverity.Information,
        source=DIAGNOSTIC_SOURCE,
    )
