"""A Report as Tokenward's own JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tokenward.operations.scan.report import Report, ReportedFinding, Summary
from tokenward.presentation.reports.profile_fields import profile_fields
from tokenward.presentation.reports.spelling import json_text


def render(report: Report) -> str:
    """Return `{"findings": […], "summary": {…}}`, described in docs/reference/scan-formats.md."""
    findings = [_finding(found) for found in report.findings]
    return json_text({"findings": findings, "summary": _summary(report.summary)})


def _finding(found: ReportedFinding) -> dict[str, Any]:
    fields = asdict(found) | profile_fields(found.profile)
    del fields["profile"]
    if found.commit is None:
        del fields["commit"]
    return fields


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
