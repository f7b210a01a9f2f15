"""`tokenward scan --watch`: report tokens as they appear in the files of folders."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from queue import Queue
from typing import NoReturn, TextIO

from tokenward.cli.scan.lines import finding_line, print_line
from tokenward.operations.scan.report import Report, ReportedFinding
from tokenward.operations.scan.scan import walk_choice
from tokenward.presentation.reports import sentences
from tokenward.settings import Settings
from tokenward.sources.watch.watcher import Batch, Watcher, drain, merged


def watch(roots: Sequence[Path], settings: Settings, scan: Callable[[], Report], stream: TextIO) -> NoReturn:
    """Print each finding once, when it appears, and notices of the ignored and left out, until interrupted.

    Every change starts a whole scan; unchanged files come from the cache, which takes a moment for thousands.
    """
    batches: Queue[Batch] = Queue()
    shown: set[ReportedFinding] = set()
    printed: set[str] = set()
    with closing(Watcher(roots, walk_choice(settings), batches.put)):
        while True:
            batch = merged(drain(batches))
            for trouble in batch.troubles:
                print_line(trouble.sentence, stream)
            report = scan()
            remarks = list(sentences.remarks(report.summary))
            for remark in remarks:
                if remark not in printed:
                    print_line(remark, stream)
            printed = set(remarks)
            found = set(report.findings)
            for finding in sorted(found - shown, key=lambda one: (one.path, one.start)):
                print_line(finding_line(finding), stream)
            stream.flush()
            shown = found
