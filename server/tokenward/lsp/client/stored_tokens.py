"""TokenList: the stored tokens of the open folders; notifies the client whenever they change."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import TypeAlias

from tokenward.errors import TokenwardError
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.uris import to_uri
from tokenward.names import METHOD_TOKENS_CHANGED
from tokenward.operations.access.lease_terms import NO_LIMIT, Terms
from tokenward.operations.stored.listing import StoredToken, stored_tokens
from tokenward.presentation.leases import SOON, cell

POLL_SECONDS = 2.0
"""Seconds between checks of the records for writes by any process."""
REFRESH_SECONDS = 30.0
"""Seconds after which the list is made again in any case, because leases end by themselves."""

Listed: TypeAlias = "list[dict[str, str | None]]"


class TokenList:
    """Returns the list, and watches the records in a separate thread for a client that shows the list."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._sent: Listed | None = None
        """The list that the client has or was notified of; None before its first request."""
        self._is_due = Event()
        self._is_closed = False

    async def answer(self) -> Listed:
        """Return the list for a client's request."""
        self._sent = await self._session.in_scan_thread(self._list)
        return self._sent

    def begin(self) -> None:
        """Start watching the records, if the client shows the list."""
        if "tokens" in self._session.capabilities.extensions:
            Thread(target=self._watch, name="tokenward-tokens", daemon=True).start()

    def check_now(self) -> None:
        """Check the records now, after a command has run."""
        self._is_due.set()

    def close(self) -> None:
        """Stop watching the records."""
        self._is_closed = True
        self._is_due.set()

    def _list(self) -> Listed:
        session = self._session
        try:
            found = stored_tokens(session.places, session.settings, tuple(session.folders))
        except TokenwardError as error:
            # A message would appear again and again.
            self._on_loop(partial(session.log, str(error)))
            return []
        now = time.time()
        return [_item(token, now) for token in found]

    def _watch(self) -> None:
        seen, made = self._state(), time.monotonic()
        while True:
            self._is_due.wait(POLL_SECONDS)
            self._is_due.clear()
            if self._is_closed:
                return
            state, now = self._state(), time.monotonic()
            if self._sent is None or (state == seen and now - made < REFRESH_SECONDS):
                continue
            seen, made = state, now
            found = self._list()
            if found != self._sent:
                self._sent = found
                self._on_loop(partial(self._session.server.protocol.notify, METHOD_TOKENS_CHANGED, {}))

    def _state(self) -> object:
        """Return a value that changes when a process writes to the records or other folders are opened."""
        places = self._session.places
        return tuple(self._session.folders), _state_of(places.custody), _state_of(places.ledger)

    def _on_loop(self, work: partial[None]) -> None:
        # The loop is closed once the client has disconnected.
        if self._session.loop is not None:
            with contextlib.suppress(RuntimeError):
                self._session.loop.call_soon_threadsafe(work)


def _state_of(database: Path) -> Sequence[object]:
    """Return the identity of a database and of its write-ahead log."""
    return [_stamp(database), _stamp(database.with_name(f"{database.name}-wal"))]


def _stamp(path: Path) -> object:
    try:
        status = path.stat()
    except OSError:
        return None
    # A process that only reads also creates a log, which is empty.
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status.st_size else None


def _item(token: StoredToken, now: float) -> dict[str, str | None]:
    entry, terms = token.entry, token.terms
    return {
        "reference": str(entry.reference),
        "workspace": entry.reference.workspace,
        "name": entry.reference.name,
        "provider": entry.provider,
        "label": token.label,
        "uri": to_uri(token.opened),
        "created": entry.created.isoformat(timespec="seconds"),
        "lastUsed": token.used.isoformat(timespec="seconds") if token.used is not None else None,
        "lease": "" if replace(terms, erases=False) == NO_LIMIT else cell(terms),
        "leaseState": _lease_state(terms, now),
    }


def _lease_state(terms: Terms, now: float) -> str:
    if terms.over:
        return "over"
    return "soon" if terms.expires is not None and terms.expires - now <= SOON else "open"
