"""Scans the new content of a Git repository, staged, between revisions or since one, in the files the user names."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple, TypeVar

from tokenward.detection.custom.workspace import LocalRules
from tokenward.errors import GitFailed
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.model import Fingerprint
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.scan import THREADS, scan_folders, walk_choice
from tokenward.operations.scan.skipped import Reason, SkippedFiles, with_exclusions_summed_up
from tokenward.operations.scan.workspace_rules import RootRules, Rules
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import IgnoredPath, Trouble
from tokenward.sources.git import changes as git_changes
from tokenward.sources.git.changes import CONFLICT, LINK, SUBMODULE, GitChange
from tokenward.sources.git.repository import BlobReader, GitRepository, UnreadBlob, is_lfs_pointer, open_blobs
from tokenward.sources.is_text import ENDING, is_compressed, is_text, no_text_kind, unpacked
from tokenward.sources.walk.selection import Selection

CHUNK_VERSIONS, CHUNK_BYTES = 32, 4_000_000
"""The most versions that a thread scans at a time; fewer if they are large."""
_UNREAD = {UnreadBlob.MISSING: Reason.MISSING, UnreadBlob.TOO_LARGE: Reason.TOO_LARGE}
Result = TypeVar("Result")
Results = Iterator[ScannedFile | Trouble]


class Version(NamedTuple):
    """A version of a file."""

    change: GitChange
    content: bytes


@dataclass(frozen=True, slots=True)
class VersionScanner:
    """Scans versions of a repository's files; safe to share between threads.

    Attributes:
        folder: their paths are relative to it.
        skipped: collects the paths that were not scanned completely.
    """

    scanner: Scanner
    rules: Rules
    folder: Path
    skipped: SkippedFiles

    def scan(self, version: Version, local: LocalRules | None = None) -> ScannedFile:
        """Return the findings in a version, with the repository's own configuration unless another one is given."""
        change, content = version
        name, path = self.rules.prefix + change.path, self.folder / change.path
        try:
            found = self.scanner.scan_content(content, name, local or self.rules.local, commit=change.commit)
        except TimeoutError:
            self.skipped.add(Reason.TOO_SLOW, change.path)
            found = (), ()
        except Exception as error:  # noqa: BLE001 - one version must not keep all others from being scanned
            self.skipped.add(Reason.FAILED, change.path, type(error).__name__)
            found = (), ()
        return ScannedFile(str(path), len(content), *found, commit=change.commit)


def read_versions(
    changes: Iterable[GitChange], blobs: BlobReader, limit: int, skipped: SkippedFiles
) -> Iterator[Version]:
    """Yield the changes that added a text, each with the text."""
    for change in changes:
        if change.status == CONFLICT:
            skipped.add(Reason.CONFLICT, change.path)
        elif change.mode == SUBMODULE:
            skipped.add(Reason.SUBMODULE, change.path)
        elif change.mode != LINK:
            content = blobs.read(change.blob, limit)
            if isinstance(content, UnreadBlob):
                skipped.add(_UNREAD[content], change.path)
            elif is_lfs_pointer(content):
                skipped.add(Reason.LFS, change.path)
            elif is_compressed(change.path, content):
                yield from _unpacked(change, content, limit, skipped)
            elif is_text(change.path, content):
                yield Version(change, content)
            else:
                skipped.add(Reason[no_text_kind(content).name], change.path)


def _unpacked(change: GitChange, packed: bytes, limit: int, skipped: SkippedFiles) -> Iterator[Version]:
    content = unpacked(packed, limit)
    if content is None or not is_text(change.path[: -len(ENDING)], content):
        skipped.add(Reason.ARCHIVE, change.path)
    elif len(content) > limit:
        skipped.add(Reason.TOO_LARGE, change.path)
    else:
        yield Version(change, content)


def in_order(scan: Callable[[Version], Result], versions: Iterable[Version]) -> Iterator[Result]:
    """Yield a function's results for all versions in order, a few chunks ahead so that memory stays bounded."""
    waiting: deque[Future[list[Result]]] = deque()
    with ThreadPoolExecutor(THREADS, "tokenward-scan") as threads:
        try:
            for chunk in _chunks(versions):
                waiting.append(threads.submit(list, map(scan, chunk)))
                if len(waiting) > 2 * THREADS:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            # A scan that ends early waits only for the chunks that have started.
            for future in waiting:
                future.cancel()


def _chunks(versions: Iterable[Version]) -> Iterator[list[Version]]:
    chunk: list[Version] = []
    size = 0
    for version in versions:
        chunk.append(version)
        size += len(version.content)
        if len(chunk) == CHUNK_VERSIONS or size > CHUNK_BYTES:
            yield chunk
            chunk, size = [], 0
    yield chunk


@dataclass(frozen=True, slots=True)
class GitScan:
    """The common arguments of all scans of a repository.

    Attributes:
        paths: the files and folders that are scanned, as paths in the repository; empty for all.
    """

    repository: GitRepository
    scanner: Scanner
    settings: Settings
    places: Places
    paths: frozenset[str] = frozenset()

    def rules(self) -> RootRules:
        """Return the rules for the repository's files, which are read when they are needed."""
        return RootRules(self.scanner, self.settings, self.places)


def scan_staged(scan: GitScan) -> Results:
    """Yield the tokens that the next commit would add, with their staged positions.

    Raises:
        GitFailed: the repository cannot be read, or is bare.
    """
    _top(scan.repository)
    yield from _scan_changes(scan, git_changes.staged(scan.repository))


def scan_between(scan: GitScan, revisions: str) -> Results:
    """Yield the tokens that `A..B` or `A...B` added, with their positions in B.

    Raises:
        GitFailed: the repository cannot be read, or has no such revisions.
    """
    yield from _scan_changes(scan, git_changes.between(scan.repository, revisions))


def scan_since(scan: GitScan, revision: str, cache: ScanCache | None) -> Results:
    """Yield the tokens of the working tree that were not in the same files at a revision.

    Raises:
        GitFailed: the repository cannot be read, has no such revision, or is bare.
    """
    top = _top(scan.repository)
    commit = git_changes.commit_of(scan.repository, revision)
    # Only with the index included can git detect renames.
    changes = git_changes.since(scan.repository, commit)
    files = [*git_changes.files_of(scan.repository, commit), *changes]
    submodules = {change.path for change in files if change.mode == SUBMODULE}
    blobs_before = {change.path: change.before for change in files if change.before}
    roots = [top / path for path in sorted(scan.paths)] or [top]
    skipped = SkippedFiles()
    results = scan_folders(scan.scanner, roots, scan.settings, scan.places, cache=cache, skipped=skipped)
    with open_blobs(scan.repository) as blobs:
        scanner = VersionScanner(scan.scanner, scan.rules().of(str(top)), top, skipped)
        earlier = _EarlierTokens(scanner, blobs, scan.settings.max_file_bytes)
        for result in results:
            if isinstance(result, Trouble):
                yield result
                continue
            # A named link may lead to a place without an earlier state.
            name = result.path.relative_to(top).as_posix() if result.path.is_relative_to(top) else ""
            submodule = next((folder for folder in folders_around(name) if folder in submodules), None)
            if submodule is None:
                yield earlier.removed_from(result, name, blobs_before.get(name, ()))
            else:
                skipped.add(Reason.SUBMODULE, submodule)
    yield from skipped.troubles(top)


def _scan_changes(scan: GitScan, changes: Iterable[GitChange]) -> Results:
    folder, limit = scan.repository.folder, scan.settings.max_file_bytes
    rules, skipped = scan.rules(), SkippedFiles()
    scanner = VersionScanner(scan.scanner, rules.of(str(folder)), folder, skipped)
    paths = PathFilter(scan.paths, scan.settings)
    with open_blobs(scan.repository) as blobs:
        earlier = _EarlierTokens(scanner, blobs, limit)
        versions = read_versions(paths.selected(changes), blobs, limit, skipped)
        for change, file in in_order(lambda one: (one.change, scanner.scan(one)), versions):
            yield earlier.removed_from(file, change.path, change.before)
    yield from paths.troubles(folder)
    yield from skipped.troubles(folder)
    yield from rules.troubles()


@dataclass(frozen=True, slots=True)
class _EarlierTokens:
    """Separates new tokens from those that a file contained before."""

    scanner: VersionScanner
    blobs: BlobReader
    limit: int

    def removed_from(self, file: ScannedFile, path: str, before: tuple[str, ...]) -> ScannedFile:
        """Return a scanned file without the tokens of its earlier contents, which are given by their ids."""
        if not file.findings or not before:
            return file
        known = {fingerprint for blob in before for fingerprint in self._fingerprints(path, blob)}
        return replace(file, findings=tuple(f for f in file.findings if f.fingerprint not in known))

    def _fingerprints(self, path: str, blob: str) -> set[Fingerprint]:
        content = self.blobs.read(blob, self.limit)
        if not isinstance(content, bytes):
            return set()
        if is_compressed(path, content):
            content = unpacked(content, self.limit) or b""
        elif not is_text(path, content):
            return set()
        version = Version(GitChange(path, "", blob, ""), content)
        return {finding.fingerprint for finding in self.scanner.scan(version).findings}


def _top(repository: GitRepository) -> Path:
    if repository.top is None:
        where = shown(repository.folder)
        raise GitFailed(f"{where} has no working tree; scan its commits with `--history` or `--diff A..B`.")
    return repository.top


class PathFilter:
    """Selects changes, and records the paths that the workspace's own settings exclude."""

    def __init__(self, paths: frozenset[str], settings: Settings) -> None:
        """Take the files and folders to scan; none means all."""
        choice = walk_choice(settings)
        self._paths = paths
        self._own = Selection(replace(choice, workspace_exclude=()))
        self._workspace = Selection(replace(choice, exclude=()))
        self._excluded: set[str] = set()

    def selected(self, changes: Iterable[GitChange]) -> Iterator[GitChange]:
        """Yield the changes to scan."""
        for change in changes:
            path = change.path
            is_named = not self._paths or any(one in self._paths for one in (path, *folders_around(path)))
            if not is_named or not self._own.is_open(path, is_folder=False):
                continue
            if self._workspace.is_open(path, is_folder=False):
                yield change
            else:
                self._excluded.add(path)

    def troubles(self, folder: Path) -> Iterator[Trouble]:
        """Yield what the settings exclude; the paths are relative to `folder`."""
        excluded = (IgnoredPath(str(folder), path) for path in sorted(self._excluded))
        for one in with_exclusions_summed_up(excluded):
            if isinstance(one, Trouble):
                yield one


def folders_around(path: str) -> Iterator[str]:
    """Yield the folders that a path lies in, the innermost first."""
    while path := path.rpartition("/")[0]:
        yield path
