"""What a scan came to, as the Report that all formats are made from."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from tokenward.operations.baseline import Baseline
from tokenward.operations.file_scan import ScannedFile
from tokenward.operations.version_scan import ScannedVersion
from tokenward.presentation.reports.model import Known, Position, Report, ReportedFinding, Silenced, Summary
from tokenward.sources.candidate import Trouble


def assembled(
    results: Iterable[ScannedFile | Trouble],
    began: float,
    *,
    key: str,
    baseline: Baseline | None = None,
    commits: int | None = None,
) -> Report:
    """The report of some results, of which none is kept that has nothing to report.

    Args:
        results: what was scanned, and what was not.
        began: when the scan began, on the monotonic clock.
        key: the id of the key that fingerprints are made with.
        baseline: what need not be reported.
        commits: how many were scanned, when they were.
    """
    files = size = found = 0
    findings: list[ReportedFinding] = []
    silenced: Counter[str] = Counter()
    left_out: list[str] = []
    for result in results:
        if isinstance(result, Trouble):
            left_out.append(result.sentence)
            continue
        files, size, found = files + 1, size + result.size, found + len(result.findings)
        findings.extend(_reported(result, baseline))
        silenced.update(one.by.partition(":")[0] for one in result.silenced)
    summary = Summary(
        files=files,
        bytes=size,
        seconds=time.monotonic() - began,
        findings=len(findings),
        commits=commits,
        silenced=tuple(Silenced(source, count) for source, count in sorted(silenced.items())),
        known=Known(baseline.name, found - len(findings)) if baseline else None,
        left_out=tuple(left_out),
        fingerprint_key=key,
    )
    return Report(tuple(findings), summary)


def _reported(file: ScannedFile, baseline: Baseline | None) -> Iterator[ReportedFinding]:
    path = _relative(file.path) if file.findings else ""
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
