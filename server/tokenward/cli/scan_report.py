"""What a scan came to, as the Report that all formats are made from."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.operations.baseline import Baseline
from tokenward.operations.file_scan import ScannedFile
from tokenward.operations.unchanged import ScannedFiles
from tokenward.operations.version_scan import ScannedVersion
from tokenward.places import shown
from tokenward.presentation.reports.model import Known, Position, Report, ReportedFinding, Silenced, Summary
from tokenward.sources.candidate import Trouble


def assembled(
    results: Iterable[ScannedFile | ScannedFiles | Trouble],
    began: float,
    *,
    key: str,
    baseline: Baseline | None = None,
    commits: int | None = None,
    named: Iterable[Path] = (),
) -> Report:
    """The report of some results, of which none is kept that has nothing to report.

    Args:
        results: what was scanned, and what was not.
        began: when the scan began, on the monotonic clock.
        key: the id of the key that fingerprints are made with.
        baseline: what need not be reported.
        commits: how many were scanned, when they were.
        named: what must be scanned, or the report is partial.
    """
    awaited = _Awaited(named)
    files = size = found = 0
    findings: list[ReportedFinding] = []
    silenced: Counter[str] = Counter()
    left_out: list[str] = []
    for result in results:
        if isinstance(result, ScannedFiles):
            files, size = files + result.files, size + result.size
            continue
        awaited.come(result)
        if isinstance(result, Trouble):
            left_out.append(result.sentence)
            continue
        files, size, found = files + 1, size + result.size, found + len(result.findings)
        # Of nearly all files there is nothing to say.
        if result.findings:
            findings.extend(_reported(result, baseline))
        if result.silenced:
            silenced.update(one.source for one in result.silenced)
    if commits is None:
        # A walk is in the order in which the file system lists.
        findings.sort(key=lambda one: (one.path, one.start_offset))
    summary = Summary(
        files=files,
        bytes=size,
        seconds=time.monotonic() - began,
        findings=len(findings),
        commits=commits,
        silenced=tuple(Silenced(source, count) for source, count in sorted(silenced.items())),
        known=Known(baseline.name, found - len(findings)) if baseline else None,
        left_out=(*left_out, *awaited.sentences()),
        is_partial=awaited.is_partial,
        fingerprint_key=key,
    )
    return Report(tuple(findings), summary)


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


def _reported(file: ScannedFile, baseline: Baseline | None) -> Iterator[ReportedFinding]:
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
            severity="warning",
            fingerprint=finding.fingerprint,
            label=finding.label,
            commit=file.commit or None if isinstance(file, ScannedVersion) else None,
        )


def _relative(path: Path) -> str:
    """A path as reports have it: relative to the current folder where it lies in it."""
    here = Path.cwd()
    return path.relative_to(here).as_posix() if path.is_relative_to(here) else path.as_posix()
