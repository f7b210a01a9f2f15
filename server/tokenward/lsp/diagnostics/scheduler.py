"""Schedules the scans of documents.

Small work is done at once on the event loop: a whole document that is quick, otherwise the lines around a change.
Larger work goes to a thread, waits until typing pauses, is cancelled by the next change, and takes effect only if the
document is still at the scanned version.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.findings import rescan
from tokenward.findings.index import DocumentFindings
from tokenward.findings.scan import DOCUMENT_DEADLINE, Scanner
from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.model import Finding
from tokenward.presentation import wording
from tokenward.sources.documents import Document, Splice

AT_ONCE_BYTES = 64_000
"""A text up to this size is scanned whole on the event loop, in about 0.3 ms."""
AT_ONCE_SECONDS = 0.01
"""CPU time; a document whose latest scan shows that it takes more is scanned whole only in a thread."""
WINDOW_SECONDS = 0.003
"""CPU time for the lines around a change."""
LEAST_WINDOW = 1_000
"""Characters scanned around a change, however slow the scan before was: a process's first one fills caches."""
PAUSE = 0.2
"""Seconds without a change before a large or slow document is scanned whole again."""


@dataclass(slots=True)
class _Scan:
    """A waiting or running scan of a whole document."""

    cancellation: Cancellation = field(default_factory=Cancellation)
    timer: asyncio.TimerHandle | None = None


class ScanScheduler:
    """Scans documents as they are opened and changed, and passes on the findings."""

    def __init__(self, session: Session, shown: ShownFindings) -> None:
        self._session = session
        self._shown = shown
        self._scans: dict[str, _Scan] = {}
        self._seconds: dict[str, float] = {}
        """CPU time of the latest scan of each whole document."""

    def opened(self, document: Document) -> None:
        """Scan a document that was opened."""
        self._shown.opened(document)
        self._scan_whole(document, pause=0)

    def text_changed(self, document: Document, splice: Splice, before: int) -> None:
        """Scan after a change from an earlier version: at once if that is quick, and in any case after a pause."""
        scanner = self._scan_at_once(document)
        if scanner is None:
            return
        known = self._session.index.get(document.origin.uri)
        within = rescan.window(document, splice, known.findings, self._most_characters(document))
        # Another version's findings have other positions, and a document with a note was not scanned whole.
        is_sure = known.version == before and known.note is None
        if within is not None and is_sure and self._is_ready():
            findings = rescan.rescan(document, splice, known.findings, scanner, within)
            self._shown.document_found(document, DocumentFindings(document.version, findings))
        self._scan_later(document, PAUSE)

    def version_changed(self, document: Document) -> None:
        """Scan a version with the same text as the one before."""
        self._scan_whole(document, pause=PAUSE)

    def closed(self, document: Document) -> None:
        """Stop scanning a document that was closed."""
        self._stop(document.origin.uri)
        self._seconds.pop(document.origin.uri, None)
        self._shown.closed(document)

    def close(self) -> None:
        """Stop every waiting or running scan."""
        for uri in tuple(self._scans):
            self._stop(uri)

    def scan_all(self) -> None:
        """Scan every open document, after settings have been read or changed."""
        for document in self._session.documents:
            self._scan_whole(document, pause=0)

    def scan_folder(self, folder: Path | None) -> None:
        """Scan the open documents in a folder, or in none, after their rules have been read or changed."""
        for document in self._session.documents:
            if document.folder == folder:
                self._scan_whole(document, pause=0)

    def _scan_whole(self, document: Document, pause: float) -> None:
        if self._scan_at_once(document, may_hash=pause > 0) is not None:
            self._scan_later(document, pause)

    def _scan_at_once(self, document: Document, *, may_hash: bool = True) -> Scanner | None:
        """Scan a document if that is quick, or say why it is not scanned; otherwise, return its scanner."""
        scanner, uri = self._session.scanner_for(document), document.origin.uri
        if scanner is None:
            return None
        settings = self._session.settings_in(document.folder)
        if not settings.enabled or document.size > settings.max_document_bytes:
            note = wording.too_large(settings.max_document_bytes) if settings.enabled else None
            self._stop(uri)
            self._shown.document_found(document, DocumentFindings(document.version, (), note))
            return None
        is_quick = self._seconds.get(uri, 0) <= AT_ONCE_SECONDS
        is_small = document.size <= AT_ONCE_BYTES and is_quick and self._is_ready()
        # The hash of a token that is compared with ignored ones takes 20 ms.
        hashes = any(entry.key is not None for entry in scanner.local.ignore_file.entries)
        if not is_small or (hashes and not may_hash):
            return scanner
        self._stop(uri)
        start = time.thread_time()
        found = DocumentFindings(document.version, scanner.scan(document.source()))
        self._seconds[uri] = time.thread_time() - start
        self._shown.document_found(document, found)
        return None

    def _is_ready(self) -> bool:
        scanner = self._session.scanner
        return scanner is not None and scanner.detector.is_loaded

    def _most_characters(self, document: Document) -> int:
        """Return how many characters around a change are scanned on the event loop."""
        seconds = max(self._seconds.get(document.origin.uri, 0), 1e-6)
        return max(LEAST_WINDOW, min(rescan.WINDOW_CHARACTERS, int(document.size * WINDOW_SECONDS / seconds)))

    def _scan_later(self, document: Document, pause: float) -> None:
        uri = document.origin.uri
        self._stop(uri)
        scan = self._scans[uri] = _Scan()
        loop, session = asyncio.get_running_loop(), self._session
        scan.timer = loop.call_later(pause, lambda: session.start_task(self._in_thread(document, scan)))

    def _stop(self, uri: str) -> None:
        if (scan := self._scans.pop(uri, None)) is not None:
            scan.cancellation.cancel()
            if scan.timer is not None:
                scan.timer.cancel()

    async def _in_thread(self, document: Document, scan: _Scan) -> None:
        scanner = self._session.scanner_for(document)
        if scanner is None:  # its folder was closed or opened
            return
        version, lines = document.version, tuple(document.lines)
        work = partial(_findings, scanner, lines, document.name, scan.cancellation)
        result, uri = await self._session.in_scan_thread(work), document.origin.uri
        if result is not None and self._scans.get(uri) is scan and document.version == version:
            findings, note, self._seconds[uri] = result
            found = DocumentFindings(version, findings, note)
            del self._scans[uri]
            if self._session.index.get(uri) != found:
                self._shown.document_found(document, found)


def _findings(
    scanner: Scanner, lines: tuple[str, ...], name: str, cancellation: Cancellation
) -> tuple[tuple[Finding, ...], str | None, float] | None:
    """Scan in a thread; return the findings, a note if they are incomplete, and the CPU time; None if cancelled."""
    start = time.thread_time()
    try:
        found = scanner.scan_text("".join(lines), name, cancellation=cancellation)
        return found, None, time.thread_time() - start
    except TimeoutError:
        return (), wording.too_slow(DOCUMENT_DEADLINE), DOCUMENT_DEADLINE
    except RuntimeError:
        if cancellation.is_cancelled:
            return None
        raise
