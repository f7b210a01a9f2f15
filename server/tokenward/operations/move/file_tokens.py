"""The tokens of a text, which is scanned only once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from tokenward.detection.detection import Detection
from tokenward.errors import TokenGone
from tokenward.findings.scan import Scanner
from tokenward.model import Finding, Fingerprint, Point
from tokenward.operations.token_names import letters
from tokenward.places import shown
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
        letters: what no name may repeat of the values.
    """

    source: Source
    detections: Sequence[Detection]
    findings: Sequence[Finding]
    letters: Sequence[str] = field(repr=False)

    @classmethod
    def of(cls, scanner: Scanner, source: Source) -> FileTokens:
        """Scan a text.

        Raises:
            TimeoutError: the scan took too long.
        """
        detections = scanner.detections(source)
        values = [letters(detection.secret.reveal()) for detection in detections]
        return cls(source, detections, scanner.findings(source.text, detections), values)

    def numbers_by_value(self, spots: Sequence[Spot]) -> list[list[int]]:
        """Return the numbers of all places, or of those at some spots, grouped by value.

        Raises:
            TokenGone: no token is in the text, or at one of the spots.
        """
        lines = split_lines(self.source.text) if spots else []
        numbers = set[int]() if spots else {*range(len(self.findings))}
        path = self.source.origin.path or self.source.name
        for spot in spots:
            found = self._numbers_at(spot, lines)
            if not found:
                raise no_token_at(path, spot)
            numbers |= found
        if not numbers:
            raise no_token_at(path)
        values: dict[Fingerprint, list[int]] = {}
        for number in sorted(numbers):
            values.setdefault(self.findings[number].fingerprint, []).append(number)
        return list(values.values())

    def count_others(self, number: int, without: Iterable[int]) -> int:
        """Return the number of other places with the same value as a place, apart from the excepted ones."""
        fingerprint, excluded = self.findings[number].fingerprint, set(without)
        return sum(
            finding.fingerprint == fingerprint and other not in excluded
            for other, finding in enumerate(self.findings)
        )

    def _numbers_at(self, spot: Spot, lines: Sequence[str]) -> set[int]:
        line, character = spot
        if character is None or line >= len(lines):
            return {at for at, one in enumerate(self.findings) if one.start.line <= line <= one.end.line}
        # Reports do not count the byte order mark, which an edit keeps.
        mark = int(not line and lines[0].startswith("\ufeff"))
        point = Point(line, from_units(lines[line], mark + character, Encoding.UTF16))
        return {at for at, one in enumerate(self.findings) if one.start <= point < one.end}


def no_token_at(path: Path | str, spot: Spot | None = None) -> TokenGone:
    """Return the refusal to move a file in which no token is, or none at a spot."""
    place = ":".join((shown(path), *(str(number + 1) for number in spot or () if number is not None)))
    return TokenGone("No token was found in {path}; nothing was moved.", path=place)
