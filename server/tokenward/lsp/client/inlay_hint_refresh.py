"""Asks the client to request inlay hints again when those that it has are out of date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from tokenward.model import Finding, Point

GATHER_SECONDS = 1.0
"""Seconds for which changes are collected, and thus the shortest interval between two refreshes."""

Ends = frozenset[tuple[Point, int]]
"""The end positions of a document's tokens with known expiry, and those times."""


class HintRefresh:
    """Compares the ends behind a client's hints with the current ones; for the event loop only."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._answered: dict[str, Ends] = {}
        self._stale: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None

    def answered(self, uri: str, ends: Ends, holds_for: float | None) -> None:
        """Record the ends behind an answer, and for how many seconds it is right; None means forever."""
        self._answered[uri] = ends
        self._stale.discard(uri)
        if holds_for is None:
            return
        loop = asyncio.get_running_loop()
        if self._expiry is not None:
            if self._expiry.when() <= loop.time() + holds_for:
                return
            self._expiry.cancel()
        self._expiry = loop.call_later(holds_for, self._expired)

    def findings_changed(self, uri: str, findings: Iterable[Finding]) -> None:
        """Ask for a refresh if new findings make a document's hints obsolete."""
        if uri in self._answered and self._answered[uri] != ends_of(findings):
            self._mark(uri)

    def invalidate(self) -> None:
        """Mark the hints of every document as out of date."""
        for uri in self._answered:
            self._mark(uri)

    def forget(self, uri: str) -> None:
        """Forget a closed document."""
        self._answered.pop(uri, None)
        self._stale.discard(uri)

    def close(self) -> None:
        """Stop asking for refreshes."""
        for timer in (self._timer, self._expiry):
            if timer is not None:
                timer.cancel()

    def _mark(self, uri: str) -> None:
        self._stale.add(uri)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._ask_if_stale)

    def _ask_if_stale(self) -> None:
        """Ask the client, unless it has already requested hints by itself, as most do after each change."""
        self._timer = None
        if self._stale:
            self._stale.clear()
            self._ask()

    def _expired(self) -> None:
        self._expiry = None
        self.invalidate()


def ends_of(findings: Iterable[Finding]) -> Ends:
    """Return the facts that hints about a document's tokens depend on."""
    return frozenset((one.end, one.claims.expires) for one in findings if one.claims.expires is not None)
