"""What a scan came to, as the Report that all formats are made from."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.detection.rules.profiles import finding_severity, profile_of
from tokenward.model import Severity
from tokenward.operations.git_scan.blobs import ScannedVersion
from tokenward.operations.scan.baseline import Baseline
from tokenward.operations.scan.batch import ScannedFiles
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.report import Known, Position, Report, ReportedFinding, Silenced, Summary
from tokenward.places import shown
from tokenward.sources.candidate import Trouble


def assembled(
    results: Iterable[ScannedFile | ScannedFiles | Trouble],
    began: float,
    *,
    key: str,
    baseline: Baseline | None = None,
    commits: int | None = None,
    named: Iterable[Path] = (),
    generic: Severity = Severity.INFORMATION,
) -> Report:
    """The report of some results, of which none is kept that has nothing to report.

    Args:
        results: what was scanned, and what was not.
        began: when the scan began, on the monotonic clock.
        key: the id of the key that fingerprints are made with.
        baseline: what need not be reported.
        commits: how many were scanned, when they were.
        named: what must be scanned, or the report is partial.
        generic: how much it matters what only its name makes a token of.
    """
    tally = _Tally(baseline, named, generic)
    for result in results:
        tally.take(result)
    if commits is None:
        # A walk is in the order in which the file system lists.
        tally.findings.sort(key=lambda one: (one.path, one.start_offset))
    return Report(tuple(tally.findings), tally.summary(began, key, commits))


class _Tally:
    """What has come so far, counted."""

    def __init__(self, baseline: Baseline | None, named: Iterable[Path], generic: Severity) -> None:
        self._baseline = baseline
        self._generic = generic
        self._awaited = _Awaited(named)
        self._files = self._size = self._found = 0
        self._silenced: Counter[str] = Counter()
        self._left_out: list[str] = []
        self._has_failed = False
        self.findings: list[ReportedFinding] = []

    def take(self, result: ScannedFile | ScannedFiles | Trouble) -> None:
        """Count a result."""
        if isinstance(result, ScannedFiles):
            self._files += result.files
            self._size += result.size
            return
        self._awaited.come(result)
        if isinstance(result, Trouble):
            self._left_out.append(result.sentence)
            self._has_failed |= result.is_failure
            return
        self._files += 1
        self._size += result.size
        # Of nearly all files there is nothing to say.
        if result.findings:
            self._found += len(result.findings)
            self.findings.extend(_reported(result, self._baseline, self._generic))
        if result.silenced:
            self._silenced.update(one.source for one in result.silenced)

    def summary(self, began: float, key: str, commits: int | None) -> Summary:
        """All but the findings themselves; as `assembled` has it."""
        known = self._found - len(self.findings)
        return Summary(
            files=self._files,
            bytes=self._size,
            seconds=time.monotonic() - began,
            findings=len(self.findings),
            commits=commits,
            silenced=tuple(Silenced(source, count) for source, count in sorted(self._silenced.items())),
            known=Known(self._baseline.name, known) if self._baseline else None,
            left_out=(*self._left_out, *self._awaited.sentences()),
            is_partial=self._awaited.is_partial or self._has_failed,
            fingerprint_key=key,
        )


class _Awaited:
    """The files that a user named, and what became of them.

    Attributes:
        is_partial: one could not be scanned.
    """

    def __init__(self, paths: Iterable[Path]) -> None:
        self._places = set(map(os.path.realpath, paths))
        self.is_partial = False

    def come(self, result: ScannedFile | Trouble) -> None:
        place = os.path.realpath(result.path) if self._places else ""
        if place in self._places:
            self._places.discard(place)
            self.is_partial |= isinstance(result, Trouble)

    def sentences(self) -> list[str]:
        """What to say of those of which nothing came."""
        return [f"{shown(place)} is no text and was not scanned." for place in sorted(self._places)]


def _reported(file: ScannedFile, baseline: Baseline | None, generic: Severity) -> Iterator[ReportedFinding]:
    now = time.time()
    path = _relative(file.path)
    for finding in file.findings:
        if baseline is not None and baseline.knows(file.path, finding.fingerprint):
            continue
        place = finding.place
        assert place is not None  # noqa: S101 - a scan of files gives each its place
        yield ReportedFinding(
            path=path,
            start_offset=place.start,
            end_offset=place.end,
            start=Position(finding.start.line, place.start_character),
            end=Position(finding.end.line, place.end_character),
            rule=finding.rule,
            provider=finding.provider,
            severity=finding_severity(finding, now, generic).value,
            fingerprint=finding.fingerprint,
            label=finding.label,
            profile=profile_of(finding.rule, finding.claims),
            commit=file.commit or None if isinstance(file, ScannedVersion) else None,
        )


def _relative(path: Path) -> str:
    """A path as reports have it: relative to the current folder where it lies in it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
