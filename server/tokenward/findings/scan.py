"""A source is scanned: joins sources and detection, and drops the values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from tokenward.detection.detection import Detection
from tokenward.detection.engine import Cancellation, Detector
from tokenward.detection.local import Local
from tokenward.detection.silencing import Silenced
from tokenward.model import FilePlace, Finding, Fingerprint, Span
from tokenward.sources.source import Source
from tokenward.text import Encoding, LineTable, to_units

DOCUMENT_DEADLINE = 20.0
"""Seconds that one scan may take."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """Finds tokens in sources and knows them again."""

    detector: Detector
    fingerprint: Callable[[str], Fingerprint]

    def scan(self, source: Source, cancellation: Cancellation | None = None) -> tuple[Finding, ...]:
        """The findings of a source, in order of place.

        Raises:
            TimeoutError: the scan took longer than DOCUMENT_DEADLINE.
            RuntimeError: it was cancelled.
        """
        return self.scan_text(source.text, source.name, cancellation)

    def scan_text(
        self, text: str, name: str, cancellation: Cancellation | None = None
    ) -> tuple[Finding, ...]:
        detections = self.detector.detect(text, name, timeout=DOCUMENT_DEADLINE, cancellation=cancellation)
        if not detections:
            return ()
        table = LineTable(text)
        return tuple(self._finding(table, detection) for detection in detections)

    def scan_file(
        self, text: str, name: str, local: Local
    ) -> tuple[tuple[Finding, ...], tuple[Silenced, ...]]:
        """The findings of a file's text with their places in the file, and what its workspace silences.

        Raises:
            TimeoutError: the scan took longer than DOCUMENT_DEADLINE.
        """
        detected = self.detector.detect_all(text, name, local=local, timeout=DOCUMENT_DEADLINE)
        if not detected.found:
            return (), detected.silenced
        table = LineTable(text)
        places = file_places(text, table, [detection.span for detection in detected.found])
        findings = (self._finding(table, detection) for detection in detected.found)
        placed = (replace(finding, place=place) for finding, place in zip(findings, places, strict=True))
        return tuple(placed), detected.silenced

    def detections(self, source: Source) -> Sequence[Detection]:
        """Every token of a source, with its value."""
        return self.detector.detect(source.text, source.name, timeout=DOCUMENT_DEADLINE)

    def locate(self, source: Source, fingerprint: Fingerprint) -> Sequence[Detection]:
        """Every place in a source where a token stands, with its value; empty when it is gone."""
        return self.matching(self.detections(source), fingerprint)

    def matching(self, detections: Iterable[Detection], fingerprint: Fingerprint) -> list[Detection]:
        return [d for d in detections if self.fingerprint(d.secret.reveal()) == fingerprint]

    def _finding(self, table: LineTable, detection: Detection) -> Finding:
        value = detection.secret.reveal()
        return Finding(
            rule=detection.rule,
            provider=detection.provider.name,
            label=f"{detection.provider.token} ({detection.provider.label(value)})",
            start=table.point(detection.span.start),
            end=table.point(detection.span.end),
            fingerprint=self.fingerprint(value),
            whole=detection.whole,
        )


def file_places(text: str, table: LineTable, spans: Sequence[Span]) -> list[FilePlace]:
    """Spans of a file's text, which are in order and do not overlap, as its bytes and UTF-16 columns."""
    borders = [offset for span in spans for offset in (span.start, span.end)]
    pieces = (text[a:b] for a, b in zip([0, *borders], borders, strict=False))
    offsets = list(accumulate(len(piece.encode("utf-8", "surrogateescape")) for piece in pieces))
    points = [table.point(border) for border in borders]
    columns = [to_units(table.lines[p.line], p.column, Encoding.UTF16) for p in points]
    return [FilePlace(*offsets[n : n + 2], *columns[n : n + 2]) for n in range(0, len(borders), 2)]
