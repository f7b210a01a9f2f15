"""The tokens of a text, which is scanned only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenward.detection.detection import Detection
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Fingerprint
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class FileTokens:
    """Every place of a token in a text; a place's number is its index.

    Attributes:
        detections: the places in order, with their values.
        findings: the same places without their values.
    """

    source: Source
    detections: Sequence[Detection]
    findings: Sequence[Finding]

    @classmethod
    def of(cls, scanner: Scanner, source: Source) -> FileTokens:
        """Scan a text.

        Raises:
            TimeoutError: the scan took too long.
        """
        detections = scanner.detections(source)
        return cls(source, detections, scanner.findings(source.text, detections))

    def numbers_by_value(self, line: int | None) -> list[list[int]]:
        """Return the numbers of all places, or of those on one line, grouped by value."""
        values: dict[Fingerprint, list[int]] = {}
        for number, finding in enumerate(self.findings):
            if line is None or finding.start.line <= line <= finding.end.line:
                values.setdefault(finding.fingerprint, []).append(number)
        return list(values.values())

    def count_others(self, number: int, without: Iterable[int]) -> int:
        """Return the number of other places with the same value as a place, apart from the excepted ones."""
        fingerprint, excluded = self.findings[number].fingerprint, set(without)
        return sum(
            finding.fingerprint == fingerprint and other not in excluded
            for other, finding in enumerate(self.findings)
        )
