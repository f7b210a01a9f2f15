"""RepeatedCheck: a thread that calls a check again and again, for what no system event announces."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from threading import Event, Thread

log = logging.getLogger("tokenward.lsp")

POLL_SECONDS = 2.0
"""Seconds between two checks."""


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
