"""A Report as SARIF 2.1.0."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from tokenward import __version__
from tokenward.operations.scan.report import Report, ReportedFinding, Severity, Summary
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.finding_fields import profile_fields
from tokenward.presentation.reports.spelling import json_pieces

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_ROOT = "%SRCROOT%"
_LEVELS = {"error": "error", "warning": "warning", "information": "note"}
_SCORES = {"error": "9.0", "warning": "7.0", "information": "3.0"}
"""GitHub shows 9 and above as critical, 7 and above as high, 4 and above as medium."""

_DRIVE = re.compile("[A-Za-z]:/")

Rules = dict[str, ReportedFinding]
"""The most severe finding of each rule, which represents the rule."""


def render(report: Report) -> Iterator[str]:
    """Yield one run, with the rules that found something."""
    rules = _rules(report.findings)
    numbers = {rule: number for number, rule in enumerate(rules)}
    run = {
        "tool": {
            "driver": {"name": "Tokenward", "version": __version__, "rules": list(map(_rule, rules.values()))}
        },
        "invocations": [_invocation(report.summary)],
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The folder in which the scan ran."}}},
    }
    results = (_result(found, numbers[found.rule]) for found in report.findings)
    return json_pieces(
        lambda rows: {"$schema": _SCHEMA, "version": "2.1.0", "runs": [{**run, "results": rows}]}, results
    )


def _rules(findings: tuple[ReportedFinding, ...]) -> Rules:
    order: list[Severity] = ["error", "warning", "information"]
    rules: Rules = {}
    for found in findings:
        known = rules.setdefault(found.rule, found)
        if order.index(found.severity) < order.index(known.severity):
            rules[found.rule] = found
    return dict(sorted(rules.items()))


def _rule(example: ReportedFinding) -> dict[str, Any]:
    # SARIF spells the name of `betterleaks.github-pat` as `BetterleaksGithubPat`.
    words = re.findall(r"[A-Za-z0-9]+", example.rule)
    return {
        "id": example.rule,
        "name": "".join(word[0].upper() + word[1:] for word in words) or "Token",
        "shortDescription": _message(f"Token in plain text: {example.provider}."),
        "fullDescription": _message(sentences.WHY),
        "help": _message(sentences.remedy(example)),
        "helpUri": sentences.ABOUT_TOKENS,
        "defaultConfiguration": {"level": _LEVELS[example.severity]},
        "properties": {
            "tags": ["security", "external/cwe/cwe-798"],
            "precision": "high",
            "security-severity": _SCORES[example.severity],
            "provider": example.provider,
        },
    }


def _result(found: ReportedFinding, rule_number: int) -> dict[str, Any]:
    return {
        "ruleId": found.rule,
        "ruleIndex": rule_number,
        "level": _LEVELS[found.severity],
        "message": _message(sentences.finding(found)),
        "locations": [{"physicalLocation": _location(found)}],
        "partialFingerprints": {"tokenwardFingerprint/v1": found.fingerprint},
        "properties": {
            "provider": found.provider,
            "label": found.label,
            **profile_fields(found.profile),
            **({"commit": found.commit} if found.commit else {}),
        },
    }


def _location(found: ReportedFinding) -> dict[str, Any]:
    return {
        "artifactLocation": _artifact(found.path),
        "region": {
            "startLine": found.start.line + 1,
            "startColumn": found.start.character + 1,
            "endLine": found.end.line + 1,
            "endColumn": found.end.character + 1,
            "byteOffset": found.start_offset,
            "byteLength": found.end_offset - found.start_offset,
        },
    }


def _artifact(path: str) -> dict[str, str]:
    """Return the location of a file, relative to the scan's folder unless the path is absolute."""
    uri = _uri(path)
    if path.startswith("/"):
        return {"uri": f"file://{uri}"}
    if sys.platform == "win32" and _DRIVE.match(path):
        return {"uri": f"file:///{path[:2]}{_uri(path[2:])}"}
    return {"uri": uri, "uriBaseId": _ROOT}


def _uri(path: str) -> str:
    """Return the path's bytes, percent-encoded; a Windows name keeps its lone surrogates."""
    try:
        return quote(path.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:
        return quote(path.encode("utf-8", "surrogatepass"))


def _message(text: str) -> dict[str, str]:
    """Return plain text; an unescaped bracket would begin a link, and a brace a placeholder."""
    escaped = re.sub(r"[\\\[\]]", r"\\\g<0>", text)
    return {"text": escaped.replace("{", "{{").replace("}", "}}")}


def _invocation(summary: Summary) -> dict[str, Any]:
    notifications = [
        {"level": "warning", "message": _message(remark)} for remark in sentences.remarks(summary)
    ]
    return {
        "executionSuccessful": not summary.is_partial,
        "startTimeUtc": _utc(summary.started),
        "endTimeUtc": _utc(summary.ended),
        "toolExecutionNotifications": notifications,
    }


def _utc(time: datetime) -> str:
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
