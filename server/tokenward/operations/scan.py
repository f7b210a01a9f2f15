"""Scanning the files of folders as they are on the disk."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import islice
from pathlib import Path

from tokenward.findings.scan import Scanner
from tokenward.operations.file_scan import FileScanner, ScannedFile
from tokenward.operations.root_rules import RootRules
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.sources.cache import ScanCache
from tokenward.sources.candidate import Candidate, Silenced, Trouble
from tokenward.sources.selection import WalkChoice
from tokenward.sources.walk import walk

THREADS = min(4, os.cpu_count() or 1)
"""The engine lets other threads run while it scans; more than a few only wait for each other."""
CHUNK = 32
"""Files that one thread takes at a time."""

Met = Candidate | Trouble | Silenced
"""What a walk comes upon."""


def scan_folders(
    scanner: Scanner,
    roots: Sequence[Path],
    settings: Settings,
    places: Places,
    *,
    cache: ScanCache | None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[ScannedFile | Trouble]:
    """Scan every file that is worth reading in some folders, or single files that are named.

    What was found in a file that has not changed since comes from the cache, without reading it.
    """
    rules = RootRules(scanner, settings, places)
    files = FileScanner(scanner, rules, settings.max_document_bytes, cache)
    found = walk(roots, walk_choice(settings), is_cancelled)
    with ThreadPoolExecutor(THREADS, "tokenward-scan") as threads:
        yield from in_order(threads, files, found)
    if cache is not None:
        cache.save()
    for home, problem in rules.problems():
        yield Trouble(home / problem.path, f"{shown(home)}: {shown(problem)}")


def walk_choice(settings: Settings) -> WalkChoice:
    """What the user chose to have walked."""
    return WalkChoice(settings.include, settings.exclude, follow_symlinks=settings.follow_symlinks)


def in_order(
    threads: ThreadPoolExecutor, files: FileScanner, found: Iterable[Met]
) -> Iterator[ScannedFile | Trouble]:
    """What stands in the files of a walk, in its order, scanned a few chunks ahead so that memory stays bounded."""
    waiting: deque[Future[list[ScannedFile | Trouble]]] = deque()
    walked = iter(found)
    while chunk := list(islice(walked, CHUNK)):
        waiting.append(threads.submit(partial(_chunk, files, chunk)))
        if len(waiting) > 4 * THREADS:
            yield from waiting.popleft().result()
    for future in waiting:
        yield from future.result()


def _chunk(files: FileScanner, met: list[Met]) -> list[ScannedFile | Trouble]:
    return [result for one in met if (result := _result(files, one)) is not None]


def _result(files: FileScanner, met: Met) -> ScannedFile | Trouble | None:
    if isinstance(met, Candidate):
        return files.scan(met)
    if isinstance(met, Trouble):
        return met
    return Trouble(met.path, f"{shown(met.path)} is kept out by the workspace's own settings.")
