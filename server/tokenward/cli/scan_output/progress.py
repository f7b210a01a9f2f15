"""The progress of a scan, for a person who waits for it.

The drawing library is imported only if somebody sees the progress; scans in hooks and CI end sooner without it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile

Result = TypeVar("Result")


def is_watched() -> bool:
    """Return whether a person sees stderr on a terminal that can rewrite a line."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return is_terminal and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def with_progress(results: Iterable[Result]) -> Iterator[Result]:
    """Yield the results, and show their number on stderr until the end."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn

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
