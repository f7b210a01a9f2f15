"""A Report as Tokenward's own JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from tokenward.presentation.reports.model import Report, Summary
from tokenward.presentation.reports.spelling import json_text


def render(report: Report) -> str:
    """`{"findings": […], "summary": {…}}`, described in docs/scan.md."""
    return json_text(
        {"findings": [asdict(found) for found in report.findings], "summary": _summary(report.summary)}
    )


def _summary(summary: Summary) -> dict[str, Any]:
    return {
        "files": summary.files,
        "bytes": summary.bytes,
        "seconds": round(summary.seconds, 3),
        "findings": summary.findings,
        "silenced": [asdict(source) for source in summary.silenced],
        "left_out": list(summary.left_out),
    }
