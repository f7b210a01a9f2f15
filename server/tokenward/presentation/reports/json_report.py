"""A Report as Tokenward's own JSON."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, fields
from typing import Any

from tokenward.operations.scan.report import Report, ReportedFinding, Summary
from tokenward.presentation.reports.finding_fields import profile_fields
from tokenward.presentation.reports.spelling import json_pieces

_FIELDS = [field.name for field in fields(ReportedFinding) if field.name != "profile"]


def render(report: Report) -> Iterator[str]:
    """Yield `{"findings": […], "summary": {…}}`, described in docs/reference/scan-formats.md."""
    summary = _summary(report.summary)
    return json_pieces(lambda rows: {"findings": rows, "summary": summary}, map(_finding, report.findings))


def _finding(found: ReportedFinding) -> dict[str, Any]:
    row = {name: getattr(found, name) for name in _FIELDS if name != "commit" or found.commit is not None}
    return row | {"start": asdict(found.start), "end": asdict(found.end)} | profile_fields(found.profile)


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "files": summary.files,
        "bytes": summary.bytes,
        "seconds": round(summary.seconds, 3),
        "findings": summary.findings,
        **({} if summary.commits is None else {"commits": summary.commits}),
        "silenced": [asdict(source) for source in summary.silenced],
        **({} if summary.known is None else {"known": asdict(summary.known)}),
        "left_out": list(summary.left_out),
        "fingerprint_key": summary.fingerprint_key,
    }
