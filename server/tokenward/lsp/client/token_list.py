"""TokenList: the stored tokens of the open folders; notifies the client whenever they change."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TypeAlias

from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import to_uri
from tokenward.lsp.client.repeated_check import RepeatedCheck, stamp
from tokenward.lsp.client.session import Session
from tokenward.names import METHOD_TOKENS_CHANGED
from tokenward.operations.access.lease_terms import NO_LIMIT
from tokenward.operations.stored.listing import StoredToken, stored_tokens
from tokenward.presentation.leases import SOON, cell

REFRESH_SECONDS = 30.0
"""Seconds after which the list is made again in any case, because leases end by themselves."""

Listed: TypeAlias = "list[dict[str, str | None]]"


class TokenList(RepeatedCheck):
    """Returns the list, and watches the records in a separate thread for a client that shows the list."""

    def __init__(self, session: Session) -> None:
        super().__init__("tokenward-tokens", self._check)
        self._session = session
        self._sent: Listed | None = None
        """The list that the client has or was notified of; None before its first request."""
        self._seen: object = None
        self._made = time.monotonic()

    async def answer(self) -> Listed:
        """Return the list for a client's request."""
        self._sent = await self._session.in_scan_thread(self._list)
        return self._sent

    def begin(self) -> None:
        """Start watching the records, if the client shows the list."""
        if "tokens" in self._session.capabilities.extensions:
            self._seen = self._state()
            super().begin()

    def _list(self) -> Listed:
        session = self._session
        try:
            found = stored_tokens(session.places, session.settings, tuple(session.folders))
        except TokenwardError as error:
            # A message would appear again and again.
            session.on_loop(partial(session.log, str(error)))
            return []
        now = time.time()
        return [_item(token, now) for token in found]

    def _check(self) -> None:
        """Notify the client if any process has written to the records, or time has changed the list."""
        state, now = self._state(), time.monotonic()
        if self._sent is None or (state == self._seen and now - self._made < REFRESH_SECONDS):
            return
        self._seen, self._made = state, now
        found = self._list()
        if found != self._sent:
            self._sent = found
            self._session.on_loop(partial(self._session.server.protocol.notify, METHOD_TOKENS_CHANGED, {}))

    def _state(self) -> object:
        """Return a value that changes when a process writes to the records or other folders are opened."""
        places = self._session.places
        return tuple(self._session.folders), _state_of(places.custody), _state_of(places.ledger)


def _state_of(database: Path) -> Sequence[object]:
    """Return the identity of a database and of its write-ahead log."""
    # A process that only reads also creates a log, which is empty.
    return [stamp(database), stamp(database.with_name(f"{database.name}-wal"))]


def _item(token: StoredToken, now: float) -> dict[str, str | None]:
    entry, terms = token.entry, token.terms
    is_soon = terms.expires is not None and terms.expires - now <= SOON
    return {
        "reference": str(entry.reference),
        "workspace": entry.reference.workspace,
        "name": entry.reference.name,
        "provider": entry.provider,
        "label": token.label,
        "uri": to_uri(token.opened),
        "created": entry.created.isoformat(timespec="seconds"),
        "lastUsed": token.used.isoformat(timespec="seconds") if token.used is not None else None,
        "lease": "" if terms == NO_LIMIT else cell(terms),
        "leaseState": "over" if terms.over else "soon" if is_soon else "open",
    }
