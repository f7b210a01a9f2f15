"""When a client is asked to ask for inlay hints again, because what it was told no longer holds."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from tokenward.model import Finding, Point, Reference
from tokenward.operations.access.lease_terms import Terms

GATHER_SECONDS = 1.0
"""How long news are gathered; so this is also how often a client is asked at most."""

Ends = frozenset[tuple[Point, int]]
"""Where the tokens of a document end that name the time at which they expire, and that time."""


@dataclass(slots=True)
class Told:
    """What the last answer about a document was made from.

    Attributes:
        ends: of all its tokens.
        leases: of the references that were asked about; None for one of which nothing may be known.
    """

    ends: Ends
    leases: dict[Reference, Terms | None]


class HintNews:
    """Compares what a client was told with what becomes known; to be used on the event loop only."""

    def __init__(self, ask: Callable[[], None]) -> None:
        self._ask = ask
        self._told: dict[str, Told] = {}
        self._stale: set[str] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._again: asyncio.TimerHandle | None = None

    def told(self, uri: str, told: Told, holds_for: float | None) -> None:
        """Take it that the client knows something of a document, for so many seconds if not for ever."""
        known = self._told.get(uri)
        # A client asks about what its user sees, part by part.
        leases = {**known.leases, **told.leases} if known else told.leases
        self._told[uri] = Told(told.ends, leases)
        self._stale.discard(uri)
        if holds_for is not None:
            self._outdate_in(holds_for)

    def findings_are(self, uri: str, findings: Iterable[Finding]) -> None:
        """Take what stands in a document now."""
        if (told := self._told.get(uri)) is not None:
            self._mark(uri, is_stale=told.ends != ends_of(findings))

    def leases_are(self, uri: str, terms: Mapping[Reference, Terms | None]) -> None:
        """Take the leases of references in a document, each as it is now."""
        if (told := self._told.get(uri)) is not None:
            known = told.leases
            self._mark(uri, is_stale=any(one in known and known[one] != now for one, now in terms.items()))

    def outdated(self) -> None:
        """Take it that nothing holds that any document's client was told."""
        for uri in self._told:
            self._mark(uri, is_stale=True)

    def forget(self, uri: str) -> None:
        """Let a document be closed."""
        self._told.pop(uri, None)
        self._stale.discard(uri)

    def close(self) -> None:
        for timer in (self._timer, self._again):
            if timer is not None:
                timer.cancel()

    def _mark(self, uri: str, *, is_stale: bool) -> None:
        if not is_stale:
            return
        self._stale.add(uri)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(GATHER_SECONDS, self._ring)

    def _ring(self) -> None:
        """Ask, unless the client has asked by itself meanwhile, as most do after each change."""
        self._timer = None
        if self._stale:
            self._stale.clear()
            self._ask()

    def _outdate_in(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        if self._again is not None and self._again.when() <= loop.time() + seconds:
            return
        if self._again is not None:
            self._again.cancel()
        self._again = loop.call_later(seconds, self._aged)

    def _aged(self) -> None:
        self._again = None
        self.outdated()


def ends_of(findings: Iterable[Finding]) -> Ends:
    """What hints about the tokens of a document depend on."""
    return frozenset((one.end, one.claims.expires) for one in findings if one.claims.expires is not None)
