"""The output of `tokenward scan` for people."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tokenward.cli.support.terminal import console_text
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences

_STYLES = {"error": "bold red", "warning": "yellow", "information": "cyan"}


def print_report(report: Report, console: Console) -> None:
    """Print a table on a terminal, otherwise one line per finding, `path:line:column: …`, never cut or folded."""
    if console.is_terminal and report.findings:
        console.print(_table(report, console))
    elif report.findings:
        for found in report.findings:
            print_report_line(found, console)
    for remark in sentences.remarks(report.summary):
        print_remark(remark, console)
    print_remark(sentences.total(report.summary), console)


def print_report_line(found: ReportedFinding, console: Console) -> None:
    """Print a finding on one line, never cut or folded."""
    print_remark(f"{sentences.place(found)}: {found.severity}: {found.label} [{found.rule}]", console)


def print_remark(line: str, console: Console) -> None:
    """Print a sentence, safe for the terminal whatever file names it contains."""
    console.print(console_text(line, console), soft_wrap=True)


def _table(report: Report, console: Console) -> Table:
    table = Table()
    # Folded, because a name that is cut short cannot be searched for.
    for title in ("Where", "Severity", "Token", "Rule"):
        table.add_column(title, overflow="fold")
    for found in report.findings:
        table.add_row(
            console_text(sentences.place(found), console),
            Text(found.severity, _STYLES[found.severity]),
            console_text(found.label, console),
            console_text(found.rule, console),
        )
    return table
