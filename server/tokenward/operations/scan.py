"""Scanning the files of folders as they are on the disk."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from threading import Lock

from tokenward.detection.local import Local, read_local
from tokenward.detection.silencing import Silenced
from tokenward.errors import SettingsError
from tokenward.findings.scan import Scanner
from tokenward.model import Finding
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.sources.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.candidate import Silenced as LeftOut
from tokenward.sources.reading import read_content, read_small
from tokenward.sources.selection import WalkChoice
from tokenward.sources.walk import walk

THREADS = min(4, os.cpu_count() or 1)
"""The engine lets other threads run while it scans; more than a few only wait for each other."""
CHUNK = 32
"""Files that one thread takes at a time."""
LARGEST_CONFIGURATION = 1_000_000


@dataclass(frozen=True, slots=True)
class ScannedFile:
    """What was found in one file.

    Attributes:
        path: where it is.
        size: in bytes.
        findings: in order of place, each with its `place`.
        silenced: what would be a finding but for the workspace's own configuration.
    """

    path: Path
    size: int
    findings: tuple[Finding, ...]
    silenced: tuple[Silenced, ...] = ()


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
    scan = _Scan(scanner, settings, places, cache)
    found = walk(roots, walk_choice(settings), is_cancelled)
    with ThreadPoolExecutor(THREADS, "tokenward-scan") as threads:
        yield from _in_order(threads, scan.chunk, found)
    if cache is not None:
        cache.save()
    yield from (Trouble(Path(), problem) for problem in scan.problems)


def walk_choice(settings: Settings) -> WalkChoice:
    """What the user chose to have walked."""
    return WalkChoice(settings.include, settings.exclude, follow_symlinks=settings.follow_symlinks)


Met = Candidate | Trouble | LeftOut


def _in_order(
    threads: ThreadPoolExecutor,
    work: Callable[[list[Met]], list[ScannedFile | Trouble]],
    found: Iterable[Met],
) -> Iterator[ScannedFile | Trouble]:
    """The results of chunks in the walk's order, a few chunks ahead, so that memory stays bounded."""
    waiting: deque[Future[list[ScannedFile | Trouble]]] = deque()
    walked = iter(found)
    while chunk := list(islice(walked, CHUNK)):
        waiting.append(threads.submit(work, chunk))
        if len(waiting) > 4 * THREADS:
            yield from waiting.popleft().result()
    for future in waiting:
        yield from future.result()


class _Scan:
    """What all files of one scan share: the rules of each root, and the cache."""

    def __init__(self, scanner: Scanner, settings: Settings, places: Places, cache: ScanCache | None) -> None:
        self._scanner = scanner
        self._settings = settings
        self._places = places
        self._cache = cache
        self._locals: dict[str, tuple[Local, str]] = {}
        self._reading = Lock()
        self.problems: list[str] = []

    def chunk(self, met: list[Met]) -> list[ScannedFile | Trouble]:
        return [result for one in met if (result := self._one(one)) is not None]

    def _one(self, met: Met) -> ScannedFile | Trouble | None:
        if isinstance(met, Trouble):
            return met
        if isinstance(met, LeftOut):
            return Trouble(met.path, f"{shown(met.path)} is kept out by the workspace's own settings.")
        local, version = self._local(met.root)
        known = self._cache.get(met.identity, version) if self._cache else None
        if known is not None:
            return ScannedFile(met.path, met.identity.size, known)
        content = read_content(met, self._settings.max_document_bytes)
        if content is None or isinstance(content, Trouble):
            return content
        try:
            findings, silenced = self._scanner.scan_file(content.text(), met.name, local)
        except TimeoutError:
            return Trouble(
                met.path, f"{shown(met.path)} took too long and was not scanned whole; scan it by itself."
            )
        if self._cache and content.identity is not None and not silenced:
            self._cache.put(content.identity, version, findings)
        return ScannedFile(met.path, len(content.data), findings, silenced)

    def _local(self, root: str) -> tuple[Local, str]:
        """What holds for a root's files, and the version of the rules that results depend on."""
        with self._reading:
            if root not in self._locals:
                local, problems = read_local(
                    partial(_configuration, root),
                    self._places.rules_cache,
                    rule_files={str(path): _text(path) for path in self._settings.rule_files},
                    allow_repository_ignores=self._settings.allow_repository_ignores,
                )
                self.problems += [f"{shown(root)}: {shown(problem)}" for problem in problems]
                # A new fingerprint key makes what was kept under the old one useless.
                key = self._scanner.fingerprint("")
                self._locals[root] = local, f"{self._scanner.detector.identity}:{local.identity}:{key}"
            return self._locals[root]


def _configuration(root: str, name: str) -> str | None:
    try:
        content = read_small(Path(root, name), LARGEST_CONFIGURATION)
    except OSError:
        return None
    return None if content is None else content.decode("utf-8", "replace")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError as error:
        raise SettingsError(
            f"The rule file {shown(path)} cannot be read ({error.strerror}); see to it."
        ) from None
