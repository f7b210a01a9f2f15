"""Schedules the scans of documents.

Small work is done at once on the event loop. Larger work goes to a thread, waits until typing pauses, is cancelled
by the next change, and takes effect only if the document is still at the scanned version.
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
AT_ONCE_FINDINGS = 200
AT_ONCE_SECONDS = 0.01
"""A document that takes longer on the event loop is scanned in a thread until it is quick again."""
PAUSE = 0.2
"""Seconds without a change before a large document is scanned whole again."""


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
        self._slow: set[str] = set()

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
        within = rescan.window(document, splice)
        # Another version's findings have other positions, and a document with a note was not scanned whole.
        is_sure = known.version == before and known.note is None
        if within is not None and is_sure and self._is_quick(document.origin.uri):
            findings = rescan.rescan(document, splice, known.findings, scanner, within)
            self._shown.document_found(document, DocumentFindings(document.version, findings))
        self._scan_later(document, PAUSE)

    def version_changed(self, document: Document) -> None:
        """Scan a version with the same text as the one before."""
        self._scan_whole(document, pause=PAUSE)

    def closed(self, document: Document) -> None:
        """Stop scanning a document that was closed."""
        self._stop(document.origin.uri)
        self._slow.discard(document.origin.uri)
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
        is_small = document.size <= AT_ONCE_BYTES and self._is_quick(uri)
        # The hash of a token that is compared with ignored ones takes 20 ms.
        hashes = any(entry.key is not None for entry in scanner.local.ignore_file.entries)
        if not is_small or (hashes and not may_hash):
            return scanner
        self._stop(uri)
        start = time.perf_counter()
        found = DocumentFindings(document.version, scanner.scan(document.source()))
        self._shown.document_found(document, found)
        if time.perf_counter() - start > AT_ONCE_SECONDS:
            self._slow.add(uri)
        return None

    def _is_quick(self, uri: str) -> bool:
        scanner, known = self._session.scanner, self._session.index.get(uri)
        is_ready = scanner is not None and scanner.detector.is_loaded
        return is_ready and uri not in self._slow and len(known.findings) <= AT_ONCE_FINDINGS

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
        version = document.version
        lines = tuple(document.lines)
        work = partial(_findings, scanner, lines, document.name, scan.cancellation)
        start = time.perf_counter()
        findings = await self._session.in_scan_thread(work)
        if time.perf_counter() - start < AT_ONCE_SECONDS:
            self._slow.discard(document.origin.uri)
        found = None if findings is None else DocumentFindings(version, *findings)
        if found is not None and self._scans.get(document.origin.uri) is scan and document.version == version:
            del self._scans[document.origin.uri]
            if self._session.index.get(document.origin.uri) != found:
                self._shown.document_found(document, found)


def _findings(
    scanner: Scanner, lines: tuple[str, ...], name: str, cancellation: Cancellation
) -> tuple[tuple[Finding, ...], str | None] | None:
    """Scan in a thread; return the findings, with a note if they are incomplete, or None if cancelled."""
    try:
        return scanner.scan_text("".join(lines), name, cancellation=cancellation), None
    except TimeoutError:
        return (), wording.too_slow(DOCUMENT_DEADLINE)
    except RuntimeError:
        if cancellation.is_cancelled:
            return None
        raise
