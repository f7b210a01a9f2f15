"""Scans the files in folders on the disk.

Large ones with several processes, since threads take turns at whatever Python does between two calls of the engine.
"""

from __future__ import annotations

import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Generic, TypeVar

from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.operations.scan.file_scan import CleanFiles, FileScanner, ScannedFile
from tokenward.operations.scan.skipped import SkippedFiles, with_exclusions_summed_up
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Identity, IgnoredPath, Trouble
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")
Scan = Callable[[Sequence[Candidate | Trouble], Callable[[], bool]], list[Result]]
"""Scans files until cancelled."""
CAN_FORK = sys.platform == "linux"
"""Elsewhere, a fork is not safe (macOS) or does not exist."""
THREADS = min(4, os.cpu_count() or 1)
"""The engine lets other threads run while it scans; more than a few only wait for each other."""
CHUNK_FILES, CHUNK_BYTES = 512, 1_000_000
"""The most files that a thread scans at a time; fewer if they are large."""
CHUNKS_AHEAD = 32
"""The chunks that are walked before the first file is scanned, while the engine loads its rules; if there are more,
several processes scan."""

WalkResult = Candidate | Trouble | IgnoredPath


def scan_folders(
    scanner: Scanner,
    roots: Sequence[Path],
    settings: Settings,
    places: Places,
    *,
    cache: ScanCache | None,
    skipped: SkippedFiles | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Iterator[ScannedFile | Trouble]:
    """Scan every file that is worth reading in folders, or single named files.

    The results of an unchanged file come from the cache, without reading it. `skipped` collects what is not text.
    """
    rules = RootRules(scanner, settings, places)
    files = FileScanner(scanner, rules, settings.max_file_bytes, cache, skipped or SkippedFiles())
    choice = replace(walk_choice(settings), apart=places.own_folders)
    return _scanned_by(files.scan, files, roots, choice, is_cancelled)


def find_in_folders(
    scanner: Scanner,
    folders: Sequence[Path],
    settings: Settings,
    places: Places,
    cache: ScanCache | None,
    *,
    skipped: SkippedFiles | None = None,
) -> Iterator[ScannedFile | CleanFiles | Trouble]:
    """Scan like `scan_folders`, but count clean files together, which is quicker if little has changed."""
    rules = RootRules(scanner, settings, places)
    files = FileScanner(scanner, rules, settings.max_file_bytes, cache, skipped or SkippedFiles())
    choice = replace(walk_choice(settings), apart=places.own_folders)
    return _scanned_by(files.scan_together, files, folders, choice, lambda: False)


def walk_choice(settings: Settings) -> WalkChoice:
    """Return what to walk; a workspace excludes nothing if its own ignores do not count."""
    may_ignore = settings.allow_repository_ignores
    return WalkChoice(
        settings.include,
        settings.exclude,
        settings.workspace_exclude if may_ignore else (),
        follow_symlinks=settings.follow_symlinks,
        respects_gitignore=may_ignore,
    )


def in_order(
    threads: ThreadPoolExecutor,
    scan: Scan[Result],
    walked: Iterable[WalkResult],
    is_cancelled: Callable[[], bool],
) -> Iterator[Result]:
    """Yield the results of a walk's files in order, scanned a few chunks ahead so that memory stays bounded."""
    return _in_order(threads, scan, _SharedWalk(walked), is_cancelled)


def _in_order(
    threads: ThreadPoolExecutor, scan: Scan[Result], shared: _SharedWalk, is_cancelled: Callable[[], bool]
) -> Iterator[Result]:
    def work() -> tuple[int, list[Result]] | None:
        chunk = shared.next_chunk()
        if chunk is None:
            return None
        number, files = chunk
        return number, scan(files, is_cancelled)

    waiting = deque(threads.submit(work) for _ in range(4 * THREADS))
    early: dict[int, list[Result]] = {}
    number = 0
    while waiting:
        scanned = waiting.popleft().result()
        if scanned is not None:
            waiting.append(threads.submit(work))
            done, results = scanned
            early[done] = results
        while number in early:
            yield from early.pop(number)
            number += 1


def _scanned_by(
    scan: Scan[Result],
    files: FileScanner,
    roots: Sequence[Path],
    choice: WalkChoice,
    is_cancelled: Callable[[], bool],
) -> Iterator[Result | Trouble]:
    cache = files.cache
    needs_state = cache is not None and not cache.is_empty
    walked = walk(roots, replace(choice, needs_state=needs_state), is_cancelled)
    is_together = scan == files.scan_together
    loading = Thread(target=_load, args=(files.scanner.detector,))
    first = [*islice(walked, 2)]
    # A single file seldom needs all rules.
    if len(first) > 1 and is_together and not needs_state:
        loading.start()
    shared = _SharedWalk(chain(first, walked), CHUNKS_AHEAD)
    processes = None
    if is_together and shared.is_large and CAN_FORK and THREADS > 1:
        # What each of them would do again.
        for root in shared.roots:
            files.rules.of(root)
        if not needs_state:
            loading.join()
        processes = ScanProcesses(files, scan, THREADS)
    try:
        with ThreadPoolExecutor(THREADS, "tokenward-scan") as threads:
            yield from _in_order(threads, processes.scan if processes else scan, shared, is_cancelled)
    finally:
        if processes:
            processes.close()
    if cache is not None:
        cache.save()
    yield from dict.fromkeys((*files.rules.troubles(), *(processes.troubles if processes else ())))


def _load(detector: Detector) -> None:
    # If that fails, the scan says why.
    with suppress(Exception):
        detector.load()


class _SharedWalk:
    """A walk that the scanning threads continue themselves.

    A thread that only walked would take turns with them at every system call, which costs more than the walk.

    Attributes:
        is_large: there may be more than the chunks that were walked at once.
        roots: of the candidates in these.
    """

    def __init__(self, walked: Iterable[WalkResult], ahead: int = 0) -> None:
        """Walk a number of chunks at once."""
        chunks = _chunks(with_exclusions_summed_up(walked))
        first = list(islice(chunks, ahead))
        self.is_large = len(first) == ahead
        self.roots = {one.root for chunk in first for one in chunk if isinstance(one, Candidate)}
        self._chunks = enumerate(chain(first, chunks))
        self._lock = Lock()

    def next_chunk(self) -> tuple[int, list[Candidate | Trouble]] | None:
        with self._lock:
            return next(self._chunks, None)


def _chunks(walked: Iterable[Candidate | Trouble]) -> Iterator[list[Candidate | Trouble]]:
    chunk: list[Candidate | Trouble] = []
    size = 0
    for one in walked:
        file = one if isinstance(one, Candidate) else None
        # A chunk's results are cached together. Some files always begin one, so that the chunks after a new file are
        # soon the same as before.
        begins = file is not None and file.identity.inode % (CHUNK_FILES // 2) == 0
        if begins or len(chunk) == CHUNK_FILES or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
        chunk.append(one)
        size += file.weight if file else 0
    yield chunk


class ScanProcesses(Generic[Result]):
    """Forks of this process, with the rules that it has loaded.

    Attributes:
        troubles: those of the rules that they read.
    """

    def __init__(self, files: FileScanner, scan: Scan[Result], count: int) -> None:
        """Start them; no thread of this process may hold a lock."""
        self.troubles: dict[Trouble, None] = {}
        self._files = files
        self._scan = scan
        self._all: list[tuple[int, Connection]] = []
        self._free: SimpleQueue[Connection | None] = SimpleQueue()
        for _ in range(count):
            try:
                self._start()
            except OSError:
                # There may be no more processes.
                self._free.put(None)

    def scan(self, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]) -> list[Result]:
        """Scan files in a process that is free; in this one, if that process ends."""
        process = self._free.get()
        try:
            if process is not None:
                process.send(_packed(walked))
                results, skipped, troubles = process.recv()
                self._files.skipped.add_all(skipped)
                self.troubles.update(dict.fromkeys(troubles))
                return list(results)
        except (OSError, EOFError):
            process = None
        finally:
            self._free.put(process)
        return self._scan(walked, is_cancelled)

    def close(self) -> None:
        """Let each process store its results and end."""
        for pid, process in self._all:
            process.close()
            os.waitpid(pid, 0)

    def _start(self) -> None:
        from multiprocessing import Pipe  # noqa: PLC0415 - only large folders need it

        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            try:
                # It ends when this process has ended, as no other holds its pipe open.
                for connection in (ours, *(other for _, other in self._all)):
                    connection.close()
                self._serve(theirs)
            finally:
                os._exit(0)
        theirs.close()
        self._all.append((pid, ours))
        self._free.put(ours)

    def _serve(self, connection: Connection) -> None:
        # Ctrl+C is for the process that was started.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        files = self._files
        with suppress(OSError, EOFError):
            while True:
                results = self._scan(_unpacked(connection.recv()), lambda: False)
                connection.send((results, files.skipped, [*files.rules.troubles()]))
                files.skipped.clear()
        if files.cache is not None:
            files.cache.save()


_Packed = list[tuple[str, tuple[object, ...], int] | Trouble]
"""Candidates as plain tuples, which are sent in a quarter of the time."""


def _packed(walked: Sequence[Candidate | Trouble]) -> _Packed:
    return [
        one if isinstance(one, Trouble) else (one.root, tuple(one.identity), one.weight) for one in walked
    ]


def _unpacked(packed: _Packed) -> list[Candidate | Trouble]:
    new = tuple.__new__
    return [
        one if isinstance(one, Trouble) else new(Candidate, (one[0], new(Identity, one[1]), one[2]))
        for one in packed
    ]
