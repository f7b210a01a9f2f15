"""A Report as GitHub Actions workflow commands, which become annotations on the changed files."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.detection.suppress.suppressor import short_rule
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.spelling import spelled

_COMMANDS = {"error": "error", "warning": "warning", "information": "notice"}
_TITLE = "Tokenward"


def render(report: Report) -> Iterator[str]:
    """Yield a command per finding and remark, and a last line for the log."""
    for found in report.findings:
        yield _command(_COMMANDS[found.severity], _properties(found), spelled(sentences.finding(found)))
    for remark in sentences.remarks(report.summary):
        yield _command("notice", {"title": _TITLE}, spelled(remark))
    yield sentences.total(report)


def _properties(found: ReportedFinding) -> dict[str, str | int]:
    """Return the properties with numbers last, because the runner drops trailing spaces."""
    columns = {"col": found.start.character + 1, "endColumn": found.end.character + 1}
    return {
        "title": spelled(f"{_TITLE}: {short_rule(found.rule)}"),
        "file": spelled(found.path),
        "line": found.start.line + 1,
        "endLine": found.end.line + 1,
        # GitHub accepts columns only within one line.
        **(columns if found.start.line == found.end.line else {}),
    }


def _command(name: str, properties: dict[str, str | int], message: str) -> str:
    listed = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {listed}::{_data(message)}\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
