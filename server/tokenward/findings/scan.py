"""A source is scanned: joins sources and detection, and drops the values."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tokenward.detection.engine import Cancellation, Detection, Detector
from tokenward.model import Finding, Fingerprint
from tokenward.sources.source import Source
from tokenward.text import LineTable

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

    def locate(self, source: Source, fingerprint: Fingerprint) -> Sequence[Detection]:
        """Every place in a source where a token stands, with its value; empty when it is gone."""
        detections = self.detector.detect(source.text, source.name, timeout=DOCUMENT_DEADLINE)
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
