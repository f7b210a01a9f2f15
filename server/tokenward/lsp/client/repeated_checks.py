"""Checks that a thread repeats, for what no system event announces: changed guards, and the list of tokens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeAlias

from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import to_uri
from tokenward.lsp.client.session import Session
from tokenward.names import METHOD_AGENTS_CHANGED, METHOD_TOKENS_CHANGED
from tokenward.operations.access.lease_terms import NO_LIMIT
from tokenward.operations.stored.listing import StoredToken, stored_tokens
from tokenward.presentation.leases import SOON, cell

log = logging.getLogger("tokenward.lsp")
POLL_SECONDS = 2.0
"""Seconds between two checks."""
REFRESH_SECONDS = 30.0
"""Seconds after which the list is made again in any case, because leases end by themselves."""
Listed: TypeAlias = "list[dict[str, str | None]]"


class RepeatedCheck:
    """Calls a check every few seconds, and at once on request, even if the last one failed."""

    def __init__(self, name: str, check: Callable[[], None]) -> None:
        self._name = name
        self._check = check
        self._is_due = Event()
        self._is_closed = False

    def begin(self) -> None:
        """Start checking."""
        Thread(target=self._run, name=self._name, daemon=True).start()

    def check_now(self) -> None:
        """Check now."""
        self._is_due.set()

    def close(self) -> None:
        """Stop checking."""
        self._is_closed = True
        self._is_due.set()

    def _run(self) -> None:
        while not self._is_closed:
            try:
                self._check()
            except Exception as error:  # noqa: BLE001 - its text may hold a value
                log.warning("%s failed: %s", self._name, type(error).__name__)
            self._is_due.wait(POLL_SECONDS)
            self._is_due.clear()


def stamp(path: Path) -> object:
    """Return a value that changes when a file does; None for one that is absent or empty."""
    try:
        status = path.stat()
    except OSError:
        return None
    return (status.st_ino, status.st_size, status.st_mtime_ns) if status.st_size else None


class GuardWatch(RepeatedCheck):
    """Compares the files with the record in a separate thread, whenever one of them changes."""

    def __init__(self, session: Session, warn: Callable[[Sequence[str]], Coroutine[Any, Any, None]]) -> None:
        """Take how to warn the user of a client that shows no status of agents."""
        super().__init__("tokenward-guards", self._check)
        self._session = session
        self._warn = warn
        self._seen: object = None
        self._files: tuple[Path, ...] = ()
        self._told: tuple[str, ...] = ()
        self._was_changed = False

    def _check(self) -> None:
        files, places = self._files, self._session.places
        state = (
            tuple(self._session.folders),
            stamp(places.agents),
            _state_of(places.ledger),
            [*map(stamp, files)],
        )
        if state == self._seen:
            return
        found = tuple(self._sentences())
        # `protect` records first what it will write, and some programs empty a file before they fill it.
        # Any two findings in a row count, so that changing a file again and again hides nothing.
        lasts = not found or self._was_changed
        self._was_changed = bool(found)
        # From before the reading, so that what changes meanwhile is noticed; not if the record named other files.
        self._seen = state if lasts and self._files == files else None
        if lasts and found != self._told:
            self._told = found
            self._session.on_loop(partial(self._announce, found))

    def _sentences(self) -> Sequence[str]:
        return [*self._withheld(), *self._changed()]

    def _withheld(self) -> Sequence[str]:
        if not self._session.places.ledger.exists():
            return []
        from tokenward.presentation.agent_texts import withheld_words  # noqa: PLC0415

        return withheld_words(self._session.places)

    def _changed(self) -> Sequence[str]:
        if not self._session.places.agents.exists():
            return []
        # Not for the first diagnostics, and for those who protect no agents not at all.
        from tokenward.operations.agents_protection.record import (  # noqa: PLC0415
            ProtectionRecord,
            changed_guards,
        )
        from tokenward.operations.agents_protection.search_roots import SearchRoots  # noqa: PLC0415
        from tokenward.presentation.agent_texts import changed_words  # noqa: PLC0415

        try:
            record = ProtectionRecord.read(self._session.places)
            self._files = tuple(map(Path, record.files))
            all_roots = map(SearchRoots.around, self._session.folders or [Path.home()])
            found = {guard.path: guard for roots in all_roots for guard in changed_guards(roots, record)}
        except TokenwardError as error:
            # Without the record nobody knows what is missing.
            return [str(error)]
        return [changed_words(guard) for guard in found.values()]

    def _announce(self, found: tuple[str, ...]) -> None:
        if "agents" in self._session.capabilities.extensions:
            self._session.server.protocol.notify(METHOD_AGENTS_CHANGED, {"changed": list(found)})
        elif found:
            self._session.start_task(self._warn(found))


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
