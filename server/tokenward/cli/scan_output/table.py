"""What `tokenward scan` prints for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.spelling import spelled

_STYLES = {"error": "bold red", "warning": "yellow", "information": "cyan"}


def print_report(report: Report, console: Console) -> None:
    """A table on a terminal; else one line a finding, `path:line:column: …`, which nothing cuts or folds."""
    if console.is_terminal and report.findings:
        console.print(_table(report, console))
    elif report.findings:
        for found in report.findings:
            print_report_line(found, console)
    for remark in sentences.remarks(report.summary):
        print_remark(remark, console)
    print_remark(sentences.total(report.summary), console)


def print_report_line(found: ReportedFinding, console: Console) -> None:
    """One finding on a line, which nothing cuts or folds."""
    print_remark(f"{sentences.place(found)}: {found.severity}: {found.label} [{found.rule}]", console)


def print_remark(line: str, console: Console) -> None:
    """A sentence, safe for the terminal whatever a file in it is called."""
    console.print(_text(line, console), soft_wrap=True)


def _table(report: Report, console: Console) -> Table:
    table = Table()
    # Folded, since a name that is cut short cannot be found again.
    for title in ("Where", "Severity", "Token", "Rule"):
        table.add_column(title, overflow="fold")
    for found in report.findings:
        table.add_row(
            _text(sentences.place(found), console),
            Text(found.severity, _STYLES[found.severity]),
            _text(found.label, console),
            _text(found.rule, console),
        )
    return table


def _text(text: str, console: Console) -> Text:
    """A Text, in which rich looks for no markup, of characters that the console's encoding has."""
    return Text(spelled(text).encode(console.encoding, "backslashreplace").decode(console.encoding))
