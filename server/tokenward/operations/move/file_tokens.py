"""FileTokens: the tokens of a text, which is scanned once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tokenward.detection.detection import Detection
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Fingerprint
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class FileTokens:
    """Every place of a token in a text; its number is its index.

    Attributes:
        detections: the places with their values, in order.
        findings: the same places without.
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

    def values(self, line: int | None) -> list[list[int]]:
        """Return the numbers of all places, or of those in one line; those of one value are together."""
        values: dict[Fingerprint, list[int]] = {}
        for number, finding in enumerate(self.findings):
            if line is None or finding.start.line <= line <= finding.end.line:
                values.setdefault(finding.fingerprint, []).append(number)
        return list(values.values())

    def others(self, number: int, without: Iterable[int]) -> int:
        """Return at how many places a value is in the text, not counting some."""
        fingerprint, left_out = self.findings[number].fingerprint, set(without)
        return sum(
            one.fingerprint == fingerprint and other not in left_out
            for other, one in enumerate(self.findings)
        )
