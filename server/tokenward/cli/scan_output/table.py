"""The output of `tokenward scan` for people."""

from __future__ import annotations

from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from tokenward.cli.support.terminal import console_text
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences

_STYLES = {"error": "bold red", "warning": "yellow", "information": "cyan"}


NARROWEST_TABLE = 60
"""Columns of the narrowest terminal in which a table can be read."""


def print_report(report: Report, console: Console) -> None:
    """Print a table on a terminal, or less where it is narrow or simple; otherwise one line per finding."""
    if not console.is_terminal or console.is_dumb_terminal:
        print_lines(report, console)
        return
    if console.width < NARROWEST_TABLE:
        for found in report.findings:
            console.print(_block(found, console))
    elif report.findings:
        console.print(_table(report, console))
    _print_remarks(report, console)


def print_lines(report: Report, console: Console) -> None:
    """Print one line per finding, `path:line:column: …`, never cut or folded."""
    for found in report.findings:
        print_report_line(found, console)
    _print_remarks(report, console)


def _print_remarks(report: Report, console: Console) -> None:
    for remark in sentences.remarks(report.summary):
        print_remark(remark, console)
    print_remark(sentences.total(report.summary), console)


def print_report_line(found: ReportedFinding, console: Console) -> None:
    """Print a finding on one line, never cut or folded."""
    print_remark(f"{sentences.place(found)}: {found.severity}: {found.label} [{found.rule}]", console)


def print_remark(line: str, console: Console) -> None:
    """Print a sentence, safe for the terminal whatever file names it contains."""
    console.print(console_text(line, console), soft_wrap=True)


def _block(found: ReportedFinding, console: Console) -> Group:
    """Return a finding as a place and an indented description, each folded to the width."""
    place = console_text(sentences.place(found), console)
    place.overflow = "fold"
    severity = Text(found.severity, _STYLES[found.severity])
    token = console_text(f": {found.label} [{found.rule}]", console)
    return Group(place, Padding(Text.assemble(severity, token, overflow="fold"), (0, 0, 0, 2)))


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
