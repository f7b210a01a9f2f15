"""Asks the client to request inlay hints again when those that it has are out of date."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tokenward.model import Finding, Point, Reference

if TYPE_CHECKING:
    from tokenward.operations.access.lease_terms import Terms

GATHER_SECONDS = 1.0
"""Seconds for which changes are collected, and thus the shortest interval between two refreshes."""

Ends = frozenset[tuple[Point, int]]
"""The end positions of a document's tokens with known expiry, and those times."""


@dataclass(slots=True)
class HintBasis:
    """The facts behind the last answer about a document.

    Attributes:
        ends: the ends of all its tokens.
        leases: the leases of the references in the requested range; None for one without a known lease.
    """

    ends: Ends
    leases: dict[Reference, Terms | None]


class HintRefresh:
    """Compares the facts behind a client's hints with the current state; for the event loop only."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._answered: dict[str, HintBasis] = {}
        self._stale: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._expiry: asyncio.TimerHandle | None = None

    def answered(self, uri: str, basis: HintBasis, holds_for: float | None) -> None:
        """Record the facts behind an answer, and for how many seconds it is right; None means forever."""
        known = self._answered.get(uri)
        # A client requests hints only for the visible parts of a document.
        leases = {**known.leases, **basis.leases} if known else basis.leases
        self._answered[uri] = HintBasis(basis.ends, leases)
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
        known = self._answered.get(uri)
        if known is not None and known.ends != ends_of(findings):
            self._mark(uri)

    def leases_changed(self, uri: str, terms: Mapping[Reference, Terms | None]) -> None:
        """Ask for a refresh if new terms make a document's hints obsolete."""
        known = self._answered.get(uri)
        if known is not None and any(
            one in known.leases and known.leases[one] != now for one, now in terms.items()
        ):
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
