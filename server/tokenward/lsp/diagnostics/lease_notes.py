"""Shows notes on references that resolve to nothing or will soon."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from lsprotocol import types

from tokenward.custody.leases.sessions import Editors
from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import to_span
from tokenward.lsp.client.references import ReferencePlace, references_of
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.lsp.client.workspace_of import workspace_of
from tokenward.model import Reference
from tokenward.names import DIAGNOSTIC_SOURCE
from tokenward.operations.access.lease_terms import terms_in
from tokenward.operations.context import Context
from tokenward.operations.stored.listing import dangling
from tokenward.presentation import stored as words
from tokenward.presentation.leases import note
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

PAUSE = 0.3
"""Seconds without a change before a document's references are checked."""
RECHECK = 30.0
"""Seconds after which they are checked again, because a command may have changed a lease."""

Show = Callable[[str, int, list[types.Diagnostic]], None]


class _Found(NamedTuple):
    """The notes, and when the next lease ends, in seconds since 1970."""

    notes: list[tuple[ReferencePlace, str]]
    dangling: set[Reference]
    next_end: float


class LeaseNotes:
    """Checks the leases of the references in open documents; for the event loop only."""

    def __init__(self, session: Session, vault: VaultAccess, show: Show) -> None:
        self._session = session
        self._vault_access = vault
        self._show = show
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._folders: tuple[Path, ...] = ()

    def schedule(self, document: Document, seconds: float = PAUSE) -> None:
        """Check a document after a pause, instead of at the time scheduled before."""
        self.forget(document.origin.uri)
        work = partial(self._begin, document)
        self._timers[document.origin.uri] = asyncio.get_running_loop().call_later(seconds, work)

    def check_all(self) -> None:
        """Check every open document."""
        for document in self._session.documents:
            self.schedule(document)

    def forget(self, uri: str) -> None:
        """Forget a closed document."""
        if (timer := self._timers.pop(uri, None)) is not None:
            timer.cancel()

    async def begin(self) -> None:
        """Record the open folders and check every open document."""
        await self._session.in_scan_thread(self._register)
        self.check_all()

    def close(self) -> None:
        """Stop checking."""
        for uri in tuple(self._timers):
            self.forget(uri)

    def _register(self) -> None:
        folders = tuple(self._session.folders)
        if folders != self._folders:
            context = self._vault_access.context()
            Editors(self._session.places.custody, context.leases.sessions).opened(folders)
            self._folders = folders

    def _begin(self, document: Document) -> None:
        self._timers.pop(document.origin.uri, None)
        if self._session.settings_in(document.folder).enabled:
            self._session.start_task(self._check(document))

    async def _check(self, document: Document) -> None:
        uri, version, lines = document.origin.uri, document.version, tuple(document.lines)
        try:
            context = self._vault_access.context(document)
            work = partial(self._notes, context, document.origin, lines)
            found = await self._session.in_scan_thread(work)
        except TokenwardError:
            # The user sees the error at the next request.
            return
        if found is None or self._session.documents.get(uri) is not document or document.version != version:
            return
        items = [
            _diagnostic(self._session, place, text, is_dangling=place.reference in found.dangling)
            for place, text in found.notes
        ]
        self._show(uri, version, items)
        self.schedule(document, max(PAUSE, min(RECHECK, found.next_end - time.time())))

    def _notes(self, context: Context, origin: Origin, lines: Sequence[str]) -> _Found | None:
        """Return the notes on some lines; None if they contain no reference. Runs in a thread."""
        self._register()
        places = references_of(lines)
        workspace = workspace_of(self._session, context, origin) if places else None
        if workspace is None:
            return None
        terms, now = terms_in(*workspace, (place.reference for place in places)), time.time()
        lost = dangling(*workspace, (place.reference for place in places if place.reference not in terms))
        notes = {reference: note(reference, one, now) for reference, one in terms.items()}
        notes |= {reference: words.dangling(reference) for reference in lost}
        ends = [one.expires for one in terms.values() if one.expires is not None and not one.over]
        shown = [(place, notes[place.reference]) for place in places if notes.get(place.reference)]
        return _Found(shown, lost, min(ends, default=now + RECHECK))


def _diagnostic(session: Session, place: ReferencePlace, text: str, *, is_dangling: bool) -> types.Diagnostic:
    return types.Diagnostic(
        range=to_span(place.line, place.span, place.text, encoding=session.encoding),
        message=text,
        severity=types.DiagnosticSeverity.Warning if is_dangling else types.DiagnosticSeverity.Information,
        code=words.DANGLING if is_dangling else None,
        source=DIAGNOSTIC_SOURCE,
    )
