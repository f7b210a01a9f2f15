"""A Report as JUnit XML, which nearly every CI system displays."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.finding_fields import flat_fields
from tokenward.presentation.reports.spelling import spelled

_SUITE = "tokenward"
_ROWS = "rows"
"""The element in whose place the test cases are written one by one, so that memory does not depend on their number."""


def render(report: Report) -> Iterator[str]:
    """Yield a failed test per finding, or one passed test, because CI systems reject an empty report."""
    failures = str(len(report.findings))
    counts = {"tests": str(max(1, len(report.findings))), "failures": failures, "errors": "0"}
    seconds = f"{report.summary.seconds:.3f}"
    root = ET.Element("testsuites", {"name": _SUITE, **counts, "time": seconds})
    started = report.summary.started.strftime("%Y-%m-%dT%H:%M:%S")
    suite = ET.SubElement(
        root, "testsuite", {"name": _SUITE, **counts, "time": seconds, "timestamp": started}
    )
    ET.SubElement(suite, _ROWS)
    lines = (*map(spelled, sentences.remarks(report.summary)), sentences.total(report))
    ET.SubElement(suite, "system-out").text = "\n".join(f"- {line}" for line in lines)
    ET.indent(root)
    before, after = ET.tostring(root, encoding="unicode").split(f"<{_ROWS} />")
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{before}'
    passed = ET.Element("testcase", {"classname": _SUITE, "name": "no token in plain text"})
    for number, case in enumerate(map(_failure, report.findings) if report.findings else [passed]):
        ET.indent(case, level=2)
        yield ("\n    " if number else "") + ET.tostring(case, encoding="unicode")
    yield after


def _failure(found: ReportedFinding) -> ET.Element:
    path, rule = spelled(found.path), spelled(found.rule)
    where = f"line {found.start.line + 1}, column {found.start.character + 1}"
    commit = f", commit {found.commit}" if found.commit else ""
    attributes = {
        "classname": path,
        "name": f"{rule}, {where}{commit}",
        "file": path,
        "line": str(found.start.line + 1),
    }
    case = ET.Element("testcase", attributes)
    properties = ET.SubElement(case, "properties")
    for name, value in (flat_fields(found) | {"commit": found.commit or ""}).items():
        if value != "" or name not in ("expires", "commit"):
            ET.SubElement(properties, "property", {"name": name, "value": spelled(str(value))})
    message = spelled(sentences.finding(found))
    failure = ET.SubElement(case, "failure", {"type": rule, "message": message})
    failure.text = f"At {spelled(sentences.place(found))}: {message} {sentences.remedy(found)}"
    return case
