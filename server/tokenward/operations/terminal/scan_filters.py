"""Scans output for unknown tokens: after it is shown, or before, in order to mask them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

from tokenward.findings.stream.masking import Masker
from tokenward.findings.stream.stream_scan import Sighting, StreamScanner
from tokenward.operations.terminal.output_filter import FilterFactory, OutputFilter

Scanners = Callable[[int], StreamScanner]
"""Creates a scanner for a width of the terminal, 0 for none."""
Report = Callable[[Sighting], None]
"""Receives each shown token, possibly again."""

_SCANNED = 16_384
"""The most bytes scanned before something else has its turn."""
_MOST_PENDING = 33_554_432
"""The most bytes that wait for the rules to be loaded."""
_QUIET = 0.05
"""Seconds without output after which there is time to scan."""
_LATEST_SCAN = 1.0
_LATE = 0.25
"""Seconds without output after which the possible beginning of a token is shown."""
_LONGEST_HELD = 3.0
"""Seconds for which such a beginning is retained while more of it arrives."""


def scan_output(load_rules: Callable[[], Scanners], report: Report, *, is_masked: bool) -> FilterFactory:
    """Return filters that report tokens, and mask them if requested, while a thread loads the rules."""
    kind = MaskingFilter if is_masked else ScanningFilter

    @contextmanager
    def filters() -> Iterator[Callable[[int], OutputFilter]]:
        with ThreadPoolExecutor(1) as pool:
            scanners = pool.submit(load_rules)
            yield lambda columns: kind(scanners, report, columns)

    return filters


class _ScanFilter(OutputFilter):
    """A filter with a scanner, which exists once the rules are loaded."""

    def __init__(self, scanners: Future[Scanners], report: Report, columns: int) -> None:
        super().__init__(columns)
        self._scanners = scanners
        self._scanner: StreamScanner | None = None
        self._report = report

    def _ready(self) -> StreamScanner:
        """Return the scanner, once the rules are loaded."""
        if self._scanner is None:
            self._scanner = self._scanners.result()(self._columns)
        self._scanner.stream.columns = self._columns
        return self._scanner

    def _report_all(self, sightings: Iterable[Sighting]) -> None:
        for sighting in sightings:
            self._report(sighting)


class ScanningFilter(_ScanFilter):
    """Shows everything at once, and scans it afterwards."""

    def __init__(self, scanners: Future[Scanners], report: Report, columns: int) -> None:
        super().__init__(scanners, report, columns)
        self._pending = bytearray()
        self._first = 0.0

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data
        if self.fault is not None:
            return
        now = time.monotonic()
        if self.due is None:
            self._first = now
        self.due = min(now + _QUIET, self._first + _LATEST_SCAN)
        self._pending += data
        if len(self._pending) >= (_SCANNED if self._scanners.done() else _MOST_PENDING):
            with self._guarded():
                # More than the new data, so that the backlog from loading the rules shrinks.
                self._scan(2 * max(len(data), _SCANNED))

    def flush(self) -> Iterator[bytes]:
        if not self._scanners.done():
            self.due = time.monotonic() + _QUIET
            return
        self.due = time.monotonic() if len(self._pending) > _SCANNED else None
        with self._guarded():
            self._scan(_SCANNED)
            if not self._pending and self._scanner is not None:
                self._report_all(self._scanner.preview_sightings())
        yield from ()

    def finish(self) -> Iterator[bytes]:
        self.due = None
        with self._guarded():
            # A command without output need not wait for the rules.
            self._scan(len(self._pending))
            if self._scanner is not None and self.fault is None:
                self._report_all(self._scanner.finish())
        yield from ()

    @contextmanager
    def _guarded(self) -> Iterator[None]:
        """Convert a failure to a fault, because output must be shown whatever happens here."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - the user's shell goes on
            self.fault, self.due = type(error).__name__, None
            self._pending.clear()

    def _scan(self, most: int) -> None:
        """Scan pending bytes up to a limit."""
        if self._pending:
            data = bytes(self._pending[:most])
            del self._pending[:most]
            self._report_all(self._ready().feed(data))


class MaskingFilter(_ScanFilter):
    """Shows only the public prefix of a token. Raises a failure, because nothing more may be shown then."""

    def __init__(self, scanners: Future[Scanners], report: Report, columns: int) -> None:
        super().__init__(scanners, report, columns)
        self._masker: Masker | None = None
        self._came = 0.0
        self._held_since: float | None = None

    def feed(self, data: bytes) -> Iterator[bytes]:
        masker = self._masker_now()
        yield self._reported(masker, masker.feed(data))
        self._came = self.due = time.monotonic()

    def flush(self) -> Iterator[bytes]:
        masker, late = self._masker_now(), self._late
        yield self._reported(
            masker, masker.release_settled(is_late=late is not None and time.monotonic() >= late)
        )
        if not masker.is_holding:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = time.monotonic()
        self.due = self._late

    @property
    def _late(self) -> float | None:
        """Return when the retained bytes are shown, whatever they may be."""
        if self._held_since is None:
            return None
        return min(self._came + _LATE, self._held_since + _LONGEST_HELD)

    def finish(self) -> Iterator[bytes]:
        self.due = None
        if self._masker is not None:
            yield self._reported(self._masker_now(), self._masker.finish())

    def _masker_now(self) -> Masker:
        scanner = self._ready()
        if self._masker is None:
            self._masker = Masker(scanner)
        return self._masker

    def _reported(self, masker: Masker, shown: bytes) -> bytes:
        self._report_all(masker.sightings)
        masker.sightings.clear()
        return shown
