"""The output of `tokenward scan` line by line, for pipes; it loads no drawing library."""

from __future__ import annotations

from typing import TextIO

from tokenward.detection.suppress.suppressor import short_rule
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.spelling import spelled


def print_lines(report: Report, stream: TextIO) -> None:
    """Print one line per finding, `path:line:column: …`, never cut or folded."""
    for found in report.findings:
        print_line(finding_line(found), stream)
    print_remarks(report, stream)


def print_remarks(report: Report, stream: TextIO) -> None:
    """Print notices of the ignored and left out, and the result."""
    for remark in sentences.remarks(report.summary):
        print_line(remark, stream)
    print_line(sentences.total(report), stream)
    # Without a reader, nothing else is said.
    stream.flush()


def finding_line(found: ReportedFinding) -> str:
    """Return a finding on one line."""
    return f"{sentences.place(found)}: {found.severity}: {found.label} [{short_rule(found.rule)}]"


def print_line(line: str, stream: TextIO) -> None:
    """Print a sentence, safe for the terminal whatever file names it contains."""
    encoding = stream.encoding or "utf-8"
    stream.write(spelled(line).encode(encoding, "backslashreplace").decode(encoding) + "\n")
