"""What `tokenward scan` draws on a terminal: its progress, and the table of its findings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

from rich.console import Console, Group
from rich.padding import Padding
from rich.progress import Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from tokenward.cli.scan.lines import print_lines, print_remarks
from tokenward.cli.support.terminal import console_text
from tokenward.detection.suppress.suppressor import short_rule
from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.presentation.reports import sentences

Result = TypeVar("Result")

_STYLES = {"error": "bold red", "warning": "yellow", "information": "cyan"}
NARROWEST_TABLE = 60
"""Columns of the narrowest terminal in which a table can be read."""
MOST_IN_TABLE = 1_000
"""Findings; the drawing library keeps a whole table in memory."""


def with_progress(results: Iterable[Result]) -> Iterator[Result]:
    """Yield the results, and show their number on stderr until the end."""
    files = tokens = 0
    columns = (SpinnerColumn("line"), TextColumn("{task.description}"))
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(_line(files, tokens))
        for result in results:
            if isinstance(result, (ScannedFile, CleanFiles)):
                files += result.files if isinstance(result, CleanFiles) else 1
                tokens += 0 if isinstance(result, CleanFiles) else len(result.findings)
                progress.update(task, description=_line(files, tokens))
            yield result


def _line(files: int, tokens: int) -> str:
    return f"Scanning: {files:,} files, {tokens:,} tokens so far"


def print_report(report: Report, console: Console) -> None:
    """Print a table on a terminal, or less where it is narrow or simple; otherwise one line per finding."""
    is_simple = not console.is_terminal or console.is_dumb_terminal
    if is_simple or len(report.findings) > MOST_IN_TABLE:
        print_lines(report, console.file)  # type: ignore[arg-type]
        return
    if console.width < NARROWEST_TABLE:
        for found in report.findings:
            console.print(_block(found, console))
    elif report.findings:
        console.print(_table(report, console))
    print_remarks(report, console.file)  # type: ignore[arg-type]


def _block(found: ReportedFinding, console: Console) -> Group:
    """Return a finding as a place and an indented description, each folded to the width."""
    place = console_text(sentences.place(found), console)
    place.overflow = "fold"
    severity = Text(found.severity, _STYLES[found.severity])
    token = console_text(f": {found.label} [{short_rule(found.rule)}]", console)
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
            console_text(short_rule(found.rule), console),
        )
    return table
