"""What is done to output whose tokens are not known: it is scanned after it was shown, or masked before."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from tokenward.findings.stream.masking import Masker
from tokenward.findings.stream.stream_scan import Sighting, StreamScanner
from tokenward.operations.terminal.output_filter import Filter

Scanners = Future[Callable[[int], StreamScanner]]
"""Makes a scanner for a terminal of so many columns, 0 for none; the rules take a while to load."""
Tell = Callable[[Sighting], None]

_SCANNED = 16_384
"""Bytes that are scanned before something else has its turn."""
_MOST_PENDING = 33_554_432
"""Bytes that wait for the rules to be loaded."""
_QUIET = 0.05
"""Seconds without output after which there is time for a look at it."""
_LATEST_LOOK = 1.0
_LATE = 0.25
"""Seconds of silence after which no more is expected of what may be the beginning of a token."""
_LONGEST_HELD = 3.0
"""Seconds that such a beginning is held while more of it comes."""


@dataclass(frozen=True, slots=True)
class Watch:
    """How a command is watched.

    Attributes:
        prepare: loads the rules; gives what makes a scanner for a terminal of so many columns, 0 for none.
        tell: takes each token that was shown, maybe again.
        is_masked: tokens are masked.
    """

    prepare: Callable[[], Callable[[int], StreamScanner]]
    tell: Tell
    is_masked: bool

    @contextmanager
    def filters(self) -> Iterator[Callable[[int], Filter]]:
        """Filters for the command, while the rules are loaded."""
        with ThreadPoolExecutor(1) as pool:
            scanners = pool.submit(self.prepare)
            yield lambda columns: (Masked if self.is_masked else Watched)(scanners, self.tell, columns)


class Watched:
    """Shows everything at once, and scans it afterwards."""

    def __init__(self, scanners: Scanners, tell: Tell, columns: int) -> None:
        self.due: float | None = None
        self.columns = columns
        self.fault: str | None = None
        self._scanners = scanners
        self._scanner: StreamScanner | None = None
        self._tell = tell
        self._pending = bytearray()
        self._first = 0.0

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data
        if self.fault is not None:
            return
        now = time.monotonic()
        if self.due is None:
            self._first = now
        self.due = min(now + _QUIET, self._first + _LATEST_LOOK)
        self._pending += data
        if len(self._pending) >= (_SCANNED if self._scanners.done() else _MOST_PENDING):
            # More than came, so that what gathered while the rules were loaded becomes less.
            self._guard(lambda: self._scan(2 * max(len(data), _SCANNED)))

    def rest(self) -> Iterator[bytes]:
        if not self._scanners.done():
            self.due = time.monotonic() + _QUIET
            return
        self.due = time.monotonic() if len(self._pending) > _SCANNED else None
        self._guard(self._look)
        yield from ()

    def finish(self) -> Iterator[bytes]:
        self.due = None
        self._guard(self._end)
        yield from ()

    def _guard(self, work: Callable[[], None]) -> None:
        """Do what must not keep anything from being shown."""
        if self.fault is not None:
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - the user's shell goes on whatever happens here
            self.fault, self.due = type(error).__name__, None
            self._pending.clear()

    def _look(self) -> None:
        self._scan(_SCANNED)
        if not self._pending and self._scanner is not None:
            self._tell_all(self._scanner.preview_sightings())

    def _end(self) -> None:
        # What showed nothing need not wait for the rules.
        self._scan(len(self._pending))
        if self._scanner is not None:
            self._tell_all(self._scanner.finish())

    def _scan(self, most: int) -> None:
        """Scan some of what is pending."""
        if not self._pending:
            return
        if self._scanner is None:
            self._scanner = self._scanners.result()(self.columns)
        self._scanner.stream.columns = self.columns
        data = bytes(self._pending[:most])
        del self._pending[:most]
        self._tell_all(self._scanner.feed(data))

    def _tell_all(self, sightings: Iterable[Sighting]) -> None:
        for sighting in sightings:
            self._tell(sighting)


class Masked:
    """Shows nothing of a token but its public beginning. A failure is raised, for then nothing more may be shown."""

    def __init__(self, scanners: Scanners, tell: Tell, columns: int) -> None:
        self.due: float | None = None
        self.columns = columns
        self.fault: str | None = None
        self._scanners = scanners
        self._masker: Masker | None = None
        self._scanner: StreamScanner | None = None
        self._tell = tell
        self._came = 0.0
        self._held_since: float | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._told(self._ready().feed(data))
        self._came = self.due = time.monotonic()

    def rest(self) -> Iterator[bytes]:
        masker, late = self._ready(), self._late
        yield self._told(masker.release_settled(is_late=late is not None and time.monotonic() >= late))
        if not masker.is_holding:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = time.monotonic()
        self.due = self._late

    @property
    def _late(self) -> float | None:
        """When what is held is shown whatever it may be."""
        if self._held_since is None:
            return None
        return min(self._came + _LATE, self._held_since + _LONGEST_HELD)

    def finish(self) -> Iterator[bytes]:
        self.due = None
        if self._masker is not None:
            yield self._told(self._masker.finish())

    def _ready(self) -> Masker:
        if self._masker is None or self._scanner is None:
            self._scanner = self._scanners.result()(self.columns)
            self._masker = Masker(self._scanner)
        self._scanner.stream.columns = self.columns
        return self._masker

    def _told(self, shown: bytes) -> bytes:
        masker = self._ready()
        for sighting in masker.sightings:
            self._tell(sighting)
        masker.sightings.clear()
        return shown
