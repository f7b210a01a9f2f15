"""Scanning the files of folders as they are on the disk."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from functools import partial
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import TypeVar

from tokenward.findings.scan import Scanner
from tokenward.operations.scan.batch import ScannedFiles, scan_each, scan_together
from tokenward.operations.scan.excluded import gathered
from tokenward.operations.scan.file_scan import FileScanner, ScannedFile
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, IgnoredPath, Trouble
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk

THREADS = min(4, os.cpu_count() or 1)
"""The engine lets other threads run while it scans; more than a few only wait for each other."""
CHUNK_FILES, CHUNK_BYTES = 64, 1_000_000
"""What one thread takes at a time: so many files, or fewer that are large."""
LARGE_BYTES = 4_000
"""Files of that size, on average, are scanned by several threads at once."""
CHUNKS_AHEAD = 256
"""What is walked before the first file is scanned; the engine loads its rules meanwhile."""

Met = Candidate | Trouble | IgnoredPath
"""What a walk comes upon."""
Result = TypeVar("Result")
Scan = Callable[[Sequence[Candidate | Trouble], Callable[[], bool]], list[Result]]
"""Scans some files, until it is cancelled."""


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
    files = FileScanner(scanner, rules, settings.max_file_bytes, cache)
    found = walk(roots, walk_choice(settings), is_cancelled)
    yield from _scanned_by(partial(scan_each, files), files, found, is_cancelled)
    yield from rules.troubles()


def find_in_folders(
    scanner: Scanner, folders: Sequence[Path], settings: Settings, places: Places, cache: ScanCache | None
) -> Iterator[ScannedFile | ScannedFiles | Trouble]:
    """As `scan_folders`, but files that hold nothing may be told together, which is quicker where nothing changed."""
    rules = RootRules(scanner, settings, places)
    files = FileScanner(scanner, rules, settings.max_file_bytes, cache)
    found = walk(folders, walk_choice(settings), _never)
    yield from _scanned_by(partial(scan_together, files), files, found, _never)
    yield from rules.troubles()


def walk_choice(settings: Settings) -> WalkChoice:
    """What is to be walked; a workspace keeps nothing out where it may silence nothing."""
    may_silence = settings.allow_repository_ignores
    return WalkChoice(
        settings.include,
        settings.exclude,
        settings.workspace_exclude if may_silence else (),
        follow_symlinks=settings.follow_symlinks,
        respects_gitignore=may_silence,
    )


def in_order(
    threads: ThreadPoolExecutor, scan: Scan[Result], found: Iterable[Met], is_cancelled: Callable[[], bool]
) -> Iterator[Result]:
    """What stands in the files of a walk, in its order, scanned a few chunks ahead so that memory stays bounded."""
    work = partial(_scanned, scan, _SharedWalk(found), is_cancelled)
    waiting = deque(threads.submit(work) for _ in range(4 * THREADS))
    early: dict[int, list[Result]] = {}
    number = 0
    while waiting:
        scanned = waiting.popleft().result()
        if scanned is not None:
            waiting.append(threads.submit(work))
            came, results = scanned
            early[came] = results
        while number in early:
            yield from early.pop(number)
            number += 1


def _scanned_by(
    scan: Scan[Result], files: FileScanner, found: Iterable[Met], is_cancelled: Callable[[], bool]
) -> Iterator[Result]:
    with ThreadPoolExecutor(THREADS, "tokenward-scan") as threads:
        if files.cache is None:
            threads.submit(files.scanner.detector.load)
        yield from in_order(threads, scan, found, is_cancelled)
    if files.cache is not None:
        files.cache.save()


def _never() -> bool:
    return False


class _SharedWalk:
    """A walk that the scanning threads go on with themselves.

    A thread that only walked would take turns with them at every call of the system, which costs more than the walk.

    Attributes:
        others_work: is held for files so small that most of their time is Python's: threads would only take turns.
    """

    def __init__(self, found: Iterable[Met]) -> None:
        chunks = _chunks(gathered(found))
        ahead = list(islice(chunks, CHUNKS_AHEAD))
        self._chunks = enumerate(chain(ahead, chunks))
        self._lock = Lock()
        self.others_work = Lock()

    def next_chunk(self) -> tuple[int, list[Candidate | Trouble]] | None:
        with self._lock:
            return next(self._chunks, None)


def _chunks(met: Iterable[Candidate | Trouble]) -> Iterator[list[Candidate | Trouble]]:
    chunk: list[Candidate | Trouble] = []
    size = 0
    for one in met:
        chunk.append(one)
        size += 0 if isinstance(one, Trouble) else one.identity.size
        if len(chunk) == CHUNK_FILES or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    yield chunk


def _scanned(
    scan: Scan[Result], walk: _SharedWalk, is_cancelled: Callable[[], bool]
) -> tuple[int, list[Result]] | None:
    """How many chunks come before the next one, and what stands in it; None when there is none."""
    chunk = walk.next_chunk()
    if chunk is None:
        return None
    number, met = chunk
    with nullcontext() if _is_engines_work(met) else walk.others_work:
        return number, scan(met, is_cancelled)


def _is_engines_work(met: Sequence[Candidate | Trouble]) -> bool:
    """Whether most of the time will be spent in the engine, which lets other threads run."""
    sizes = [one.identity.size for one in met if isinstance(one, Candidate)]
    return sum(sizes) >= LARGE_BYTES * len(sizes)
