"""A Report as GitLab's secret detection report, schema 15."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

from tokenward import __version__
from tokenward.operations.scan.report import Report, ReportedFinding, Summary
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.finding_fields import expiry
from tokenward.presentation.reports.spelling import json_pieces, spelled

_SCHEMA_VERSION = "15.0.7"
_SEVERITIES = {"error": "Critical", "warning": "High", "information": "Info"}
_IDS = UUID("b2b4a2f4-6a52-4f0b-9d0e-3f6d1c7f5e11")
_NO_COMMIT = "0000000"  # the value that GitLab's own analyzer writes for files outside its history
_LONGEST_NAME = 255


def render(report: Report) -> Iterator[str]:
    """Yield the report for `artifacts:reports:secret_detection`.

    Paths are spelled so that GitLab's database accepts them; ordinary ones stay unchanged.
    """
    scan = _scan(report.summary)
    return json_pieces(
        lambda rows: {"version": _SCHEMA_VERSION, "scan": scan, "vulnerabilities": rows},
        map(_vulnerability, report.findings),
    )


def _scan(summary: Summary) -> dict[str, Any]:
    program = {
        "id": "tokenward",
        "name": "Tokenward",
        "version": __version__,
        "vendor": {"name": "Tokenward"},
    }
    return {
        "analyzer": program,
        "scanner": program,
        "type": "secret_detection",
        "start_time": _utc(summary.started),
        "end_time": _utc(summary.ended),
        "status": "success",
        "messages": [{"level": "warn", "value": spelled(remark)} for remark in sentences.remarks(summary)],
    }


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _vulnerability(found: ReportedFinding) -> dict[str, Any]:
    path, rule = spelled(found.path), spelled(found.rule)
    commit = [found.commit] if found.commit else []
    return {
        "id": str(uuid5(_IDS, "\n".join([path, rule, str(found.start_offset), *commit]))),
        "name": f"Token in plain text: {spelled(found.provider)}"[:_LONGEST_NAME],
        # GitLab renders this as Markdown, so it contains nothing from the repository.
        "description": sentences.WHY,
        "severity": _SEVERITIES[found.severity],
        "solution": sentences.REMEDY,
        "identifiers": [
            {"type": "tokenward_rule_id", "name": f"Tokenward rule {rule}", "value": rule},
            {"type": "cwe", "name": "CWE-798", "value": "798", "url": sentences.ABOUT_CWE},
        ],
        "location": {
            "file": path,
            "start_line": found.start.line + 1,
            "end_line": found.end.line + 1,
            "commit": {"sha": found.commit or _NO_COMMIT},
        },
        "details": {
            "label": _detail("Token", found.label),
            "provider": _detail("Provider", found.provider),
            "fingerprint": _detail("Fingerprint", found.fingerprint),
            **_profile_details(found),
        },
    }


def _profile_details(found: ReportedFinding) -> dict[str, Any]:
    profile = found.profile
    known = {
        "kind": ("Kind", profile.kind.value),
        "expires": ("Expires", expiry(profile)),
        "ends": ("How to revoke it", profile.ends),
    }
    return {key: _detail(name, value) for key, (name, value) in known.items() if value}


def _detail(name: str, value: str) -> dict[str, str]:
    return {"name": name, "type": "text", "value": spelled(value)}
