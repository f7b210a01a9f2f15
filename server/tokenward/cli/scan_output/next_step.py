"""next_command: the command to run after a scan."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path

from tokenward.operations.scan.report import Report
from tokenward.places import shown

MOST_NAMED = 3
"""The most files that the command names; beyond that, it names the scanned folders."""


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
