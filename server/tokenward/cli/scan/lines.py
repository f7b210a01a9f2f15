"""The output of `tokenward scan` line by line, for pipes; it loads no drawing library. And the next command."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tokenward.detection.suppress.suppressor import short_rule
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.places import shown
from tokenward.presentation.reports import sentences
from tokenward.presentation.reports.spelling import spelled

MOST_NAMED = 3
"""The most files that the command names; beyond that, it names the scanned folders."""


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


def next_command(report: Report, roots: Sequence[Path], *, is_staged: bool) -> str:
    """Return the command and any step after it; empty if there is nothing to move.

    Args:
        report: of files as they are, or as they are staged.
        roots: the scanned files and folders, as the user named them; empty for all.
        is_staged: the next commit was scanned.
    """
    if not report.findings:
        return ""
    named = list(dict.fromkeys(found.path for found in report.findings))
    if len(named) > MOST_NAMED or not all(map(_is_plain, named)):
        named = [str(root) for root in roots if _is_plain(str(root))]
    words = " ".join(map(_word, named)) if named else "--all"
    return f"tokenward move {words}" + (", then stage the change and commit again" if is_staged else "")


def _is_plain(name: str) -> bool:
    """Return whether a terminal shows a name as it is, so that it can be copied."""
    return shown(name) == name and name.isprintable()


def _word(name: str) -> str:
    return shlex.quote(f"./{name}" if name.startswith("-") else name)
