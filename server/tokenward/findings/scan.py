"""Scans sources: connects them to detection, and drops the values."""

from __future__ import annotations

import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import field, replace
from itertools import accumulate, chain

from tokenward.detection.claims.claims import read_claims
from tokenward.detection.custom.workspace import PLAIN, LocalRules
from tokenward.detection.detection import Detection
from tokenward.detection.divided import may_be_divided
from tokenward.detection.engine import Detector, Matches
from tokenward.detection.log_identifiers import identifiers, identifiers_of
from tokenward.detection.pieces import is_one_piece
from tokenward.detection.rules.engine_scan import Cancellation
from tokenward.fast_dataclasses import dataclass
from tokenward.model import FilePlace, Finding, Fingerprint, IgnoredDetection, Span
from tokenward.sources.encoding import UTF8, Coding, is_plain, readings
from tokenward.sources.source import Source
from tokenward.text import Encoding, LineTable, to_units
from tokenward.token_prefixes import looks_like_token

DOCUMENT_DEADLINE = 20.0
"""Seconds that a scan may take."""
REMEMBERED_SCANS = 4
"""Enough for a file, its `.env` and other files to check, but not for a whole workspace."""
_LONGEST_OPENING = 160
_SHARED_CHARACTERS = 12
"""If a name and a value have so many characters in common, this is no coincidence."""
_ASSIGNED = re.compile(
    r"(?<![\w/@+.-])(?:[A-Za-z_][\w-]{0,59}\.){0,4}([A-Za-z_][\w-]{0,59})(?:\\?[\"'])?\]?"
    r"(?:[ \t]?:[ \t]?[\w.]{1,30})?[ \t]{0,20}(?::=|=>?|:)[ \t]{0,20}"
    r"(?:\\?[\"'`]|[rbfu]\")?(?:(?i:bearer|token|basic)[ ])?\Z",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class Scanner:
    """Finds tokens in sources and recognises them later.

    Attributes:
        fingerprint: computes keyed fingerprints, which are useless to others.
        local: the rules of the sources' workspace.
        prefix: put before the sources' names to make them relative to that workspace; empty, or ending with `/`.
    """

    detector: Detector
    fingerprint: Callable[[str], Fingerprint]
    local: LocalRules = PLAIN
    prefix: str = ""

    def scan(self, source: Source, cancellation: Cancellation | None = None) -> tuple[Finding, ...]:
        """Return the findings in a source, in order of place.

        Raises:
            TimeoutError: the scan took longer than DOCUMENT_DEADLINE.
            RuntimeError: it was cancelled.
        """
        return self.scan_text(source.text, source.name, cancellation=cancellation)

    def scan_text(
        self, text: str, name: str, *, first_line: int = 0, cancellation: Cancellation | None = None
    ) -> tuple[Finding, ...]:
        """Return the findings in a text that starts at line `first_line` of its document; their lines count from 0."""
        return self.findings(text, self._detections(text, name, first_line, cancellation))

    def findings(self, text: str, detections: Sequence[Detection]) -> tuple[Finding, ...]:
        """Convert detections to findings, without their values."""
        return tuple(self._findings(text, LineTable(text), detections)) if detections else ()

    def scan_content(
        self, data: bytes, name: str, local: LocalRules, *, commit: str = ""
    ) -> tuple[tuple[Finding, ...], tuple[IgnoredDetection, ...]]:
        """Scan a file's bytes like `scan_file`, without decoding those that contain nothing.

        Raises:
            TimeoutError: the scan took longer than DOCUMENT_DEADLINE.
        """
        matches = None
        if is_one_piece(data) and is_plain(data) and not may_be_divided(data, name):
            matches = self.detector.matches(data, name, local=local, timeout=DOCUMENT_DEADLINE)
            if matches is None:
                return (), ()
        found = [
            self.scan_file(
                text, name, local, coding, commit=commit, matches=matches if coding == UTF8 else None
            )
            for text, coding in readings(data)
        ]
        if len(found) == 1:
            return found[0]
        findings, ignored = zip(*found, strict=True)
        return tuple(chain(*findings)), tuple(chain(*ignored))

    def without_tokens(self, files: Iterable[tuple[int, bytes, str]], local: LocalRules) -> set[int]:
        """Return the numbers of files for which `scan_content` finds nothing, as far as one scan of many shows it.

        Each file is given with its number and its name.
        """
        return self.detector.without_matches((one for one in files if is_plain(one[1])), local)

    def scan_file(
        self,
        text: str,
        name: str,
        local: LocalRules,
        coding: Coding = UTF8,
        *,
        commit: str = "",
        matches: Matches | None = None,
    ) -> tuple[tuple[Finding, ...], tuple[IgnoredDetection, ...]]:
        """Return the findings in a file's text with their places in the file, and those that its workspace ignores."""
        detected = self.detector.detect_all(
            text, name, local=local, commit=commit, timeout=DOCUMENT_DEADLINE, matches=matches
        )
        if not detected.found:
            return (), detected.ignored
        table = LineTable(text)
        places = file_places(text, table, [detection.span for detection in detected.found], coding)
        findings = self._findings(text, table, detected.found)
        placed = (replace(finding, place=place) for finding, place in zip(findings, places, strict=True))
        return tuple(placed), detected.ignored

    def detections(self, source: Source) -> Sequence[Detection]:
        """Return every token in a source, with its value."""
        return self._detections(source.text, source.name)

    def locate(self, source: Source, fingerprint: Fingerprint) -> Sequence[Detection]:
        """Return every place of a token in a source, with its value; empty if it is gone."""
        return self.matching(self.detections(source), fingerprint)

    def matching(self, detections: Iterable[Detection], fingerprint: Fingerprint) -> list[Detection]:
        """Return the detections with a fingerprint."""
        return [d for d in detections if self.fingerprint(d.secret.reveal()) == fingerprint]

    def _detections(
        self, text: str, name: str, first_line: int = 0, cancellation: Cancellation | None = None
    ) -> Sequence[Detection]:
        return self.detector.detect_all(
            text,
            self.prefix + name,
            local=self.local,
            first_line=first_line,
            timeout=DOCUMENT_DEADLINE,
            cancellation=cancellation,
        ).found

    def traces(self, value: str) -> tuple[Fingerprint, ...]:
        """Return fingerprints of a token's identifiers in access logs, from its value alone."""
        return tuple(map(self.fingerprint, identifiers(value)))

    def _findings(self, text: str, table: LineTable, detections: Sequence[Detection]) -> Iterator[Finding]:
        traced = zip(detections, identifiers_of(detections), names_before(text, detections), strict=True)
        for detection, logged_as, name in traced:
            value = detection.secret.reveal()
            yield Finding(
                rule=detection.rule,
                provider=detection.provider.name,
                label=detection.label,
                start=table.point(detection.span.start),
                end=table.point(detection.span.end),
                fingerprint=self.fingerprint(value),
                whole=detection.whole,
                claims=read_claims(detection.rule, value),
                traces=tuple(map(self.fingerprint, logged_as)),
                name=name,
            )


def file_places(text: str, table: LineTable, spans: Sequence[Span], coding: Coding = UTF8) -> list[FilePlace]:
    """Convert ordered, disjoint spans of a file's text to bytes and columns."""
    borders = array("Q", (offset for span in spans for offset in (span.start, span.end)))
    pieces = (text[a:b] for a, b in zip(chain([0], borders), borders, strict=False))
    offsets = array("Q", accumulate(map(coding.size, pieces), initial=len(coding.mark)))[1:]
    characters = _columns(text, table, borders, Encoding.UTF16)
    byte_columns = _columns(text, table, borders, Encoding.UTF8)
    counted = (offsets, characters, byte_columns)
    return [
        FilePlace(*(number for counts in counted for number in counts[first : first + 2]))
        for first in range(0, len(borders), 2)
    ]


def _columns(text: str, table: LineTable, borders: Iterable[int], encoding: Encoding) -> array[int]:
    """Return the columns of the borders, each counted from the one before, so that a long line takes linear time."""
    columns = array("Q")
    line, done, units = -1, 0, 0
    for border in borders:
        point = table.point(border)
        if point.line != line:
            line, done, units = point.line, border - point.column, 0
        units += to_units(text[done:border], border - done, encoding)
        done = border
        columns.append(units)
    return columns


@dataclass(frozen=True, slots=True)
class CachingScanner(Scanner):
    """A scanner for one request, which scans the same texts several times; it remembers its latest scans."""

    _scans: dict[tuple[str, str, int], Sequence[Detection]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, scanner: Scanner) -> CachingScanner:
        """Create a caching scanner from another scanner."""
        return cls(scanner.detector, scanner.fingerprint, scanner.local, scanner.prefix)

    def _detections(
        self, text: str, name: str, first_line: int = 0, cancellation: Cancellation | None = None
    ) -> Sequence[Detection]:
        key = (text, name, first_line)
        found = self._scans.pop(key, None)
        if found is None:
            # `super()` without arguments fails in a class with slots before Python 3.14.
            found = super(CachingScanner, self)._detections(text, name, first_line, cancellation)  # noqa: UP008
        self._scans[key] = found
        if len(self._scans) > REMEMBERED_SCANS:
            del self._scans[next(iter(self._scans))]
        return found


def names_before(text: str, detections: Sequence[Detection]) -> Iterator[str]:
    """Yield the name before each token, in order; empty without one, or if a detected token may be in it."""
    openings = {detection.secret.reveal()[:_SHARED_CHARACTERS].lower() for detection in detections}
    free = 0
    for detection in detections:
        start = detection.span.start
        opening = max(0, start - _LONGEST_OPENING)
        found = _ASSIGNED.search(text[opening:start])
        name = found[1] if found and opening + found.start(1) >= free else ""
        yield "" if looks_like_token(name) or openings & _parts(name.lower()) else name
        free = max(free, detection.span.end)


def _parts(name: str) -> set[str]:
    last = max(0, len(name) - _SHARED_CHARACTERS)
    return {name[start : start + _SHARED_CHARACTERS] for start in range(last + 1)}
