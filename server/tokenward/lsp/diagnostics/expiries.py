"""ExpiryTimer: updates diagnostics once their tokens have expired."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from tokenward.model import Finding

LONGEST_WAIT = 3_600.0
"""Seconds by which the timer may be late after the machine has slept."""


class ExpiryTimer:
    """Has each URI shown again once a token in it has expired; for the event loop only."""

    def __init__(self, show: Callable[[set[str]], None]) -> None:
        self._show = show
        self._due: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, uri: str, findings: Iterable[Finding]) -> None:
        """Set the next expiry of a URI from its current findings."""
        now = time.time()
        ends = (finding.claims.expires for finding in findings)
        due = min((end for end in ends if end is not None and end > now), default=None)
        if due is None:
            self._due.pop(uri, None)
            return
        self._due[uri] = due
        if self._timer is None or due - now < self._timer.when() - asyncio.get_running_loop().time():
            self._wait(due - now)

    def _wait(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        wait = max(0.0, min(seconds, LONGEST_WAIT))
        self._timer = asyncio.get_running_loop().call_later(wait, self._show_due)

    def _show_due(self) -> None:
        self._timer = None
        now = time.time()
        due = {uri for uri, end in self._due.items() if end <= now}
        for uri in due:
            del self._due[uri]
        if self._due:
            self._wait(min(self._due.values()) - now)
        self._show(due)
