"""When what is shown of a token is no longer true because it has expired."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable

from tokenward.model import Finding

LONGEST_WAIT = 3_600.0
"""Seconds; a machine that was asleep is behind by this at most."""


class Expiries:
    """Has each uri shown again once a token in it has expired; to be used on the event loop only."""

    def __init__(self, show: Callable[[set[str]], None]) -> None:
        self._show = show
        self._due: dict[str, int] = {}
        self._timer: asyncio.TimerHandle | None = None

    def watch(self, uri: str, findings: Iterable[Finding]) -> None:
        """Note the first that expires of what a uri is shown to hold now, instead of what it held before."""
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
        self._timer = asyncio.get_running_loop().call_later(wait, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = time.time()
        due = {uri for uri, end in self._due.items() if end <= now}
        for uri in due:
            del self._due[uri]
        if self._due:
            self._wait(min(self._due.values()) - now)
        self._show(due)
