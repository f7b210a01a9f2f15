"""The tokens of a text, which is scanned only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from tokenward.detection.detection import Detection
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Fingerprint, Point
from tokenward.sources.source import Source
from tokenward.text import Encoding, from_units, split_lines


class Spot(NamedTuple):
    """A line of a text, or one of its characters.

    Attributes:
        line: from 0.
        character: from 0, in UTF-16 units; None for the whole line.
    """

    line: int
    character: int | None = None


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

    def numbers_by_value(self, spots: Sequence[Spot]) -> list[list[int]]:
        """Return the numbers of all places, or of those at some spots, grouped by value."""
        values: dict[Fingerprint, list[int]] = {}
        lines = split_lines(self.source.text) if spots else []
        for number, finding in enumerate(self.findings):
            if not spots or any(_is_at(finding, spot, lines) for spot in spots):
                values.setdefault(finding.fingerprint, []).append(number)
        return list(values.values())

    def count_others(self, number: int, without: Iterable[int]) -> int:
        """Return the number of other places with the same value as a place, apart from the excepted ones."""
        fingerprint, excluded = self.findings[number].fingerprint, set(without)
        return sum(
            finding.fingerprint == fingerprint and other not in excluded
            for other, finding in enumerate(self.findings)
        )


def _is_at(finding: Finding, spot: Spot, lines: Sequence[str]) -> bool:
    line, character = spot
    if character is None or line >= len(lines):
        return finding.start.line <= line <= finding.end.line
    return finding.start <= Point(line, from_units(lines[line], character, Encoding.UTF16)) < finding.end
