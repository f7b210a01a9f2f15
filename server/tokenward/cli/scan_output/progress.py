"""How far a scan is, for a person who waits for it.

What draws it is imported where somebody sees it, since most scans of a hook or of CI are over sooner.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from typing import TypeVar

from tokenward.operations.scan.batch import CleanFiles
from tokenward.operations.scan.file_scan import ScannedFile

Result = TypeVar("Result")


def is_watched() -> bool:
    """Whether somebody sees stderr on a terminal that can rewrite a line."""
    is_terminal = sys.stderr is not None and sys.stderr.isatty()
    return is_terminal and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"


def with_progress(results: Iterable[Result]) -> Iterator[Result]:
    """The results as they come, and on stderr a line of their number, which is gone at the end."""
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
