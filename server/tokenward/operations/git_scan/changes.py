"""Scanning what is new in a Git repository: what is staged, and what differs from an earlier state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from tokenward.errors import GitFailed
from tokenward.findings.scan import Scanner
from tokenward.operations.git_scan.blobs import (
    ScannedVersion,
    Version,
    VersionScanner,
    in_order,
    read_versions,
)
from tokenward.operations.git_scan.earlier_contents import Earlier, Past
from tokenward.operations.git_scan.path_filter import GitChoice
from tokenward.operations.git_scan.skipped import LeftOut, Reason
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.scan import scan_folders
from tokenward.operations.scan.workspace_rules import RootRules
from tokenward.places import Places, shown
from tokenward.settings import Settings
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Trouble
from tokenward.sources.git import changes as git_changes
from tokenward.sources.git.blobs import open_blobs
from tokenward.sources.git.changes import GitChange
from tokenward.sources.git.repository import GitRepository

Results = Iterator[ScannedFile | Trouble]


@dataclass(frozen=True, slots=True)
class GitScan:
    """What the scans of a repository share.

    Attributes:
        wanted: the files and folders that are scanned, as paths in the repository; all if there are none.
    """

    repository: GitRepository
    scanner: Scanner
    settings: Settings
    places: Places
    wanted: frozenset[str] = frozenset()

    def rules(self) -> RootRules:
        """What holds for the repository's files, read when it is asked for."""
        return RootRules(self.scanner, self.settings, self.places)


def scan_staged(scan: GitScan) -> Results:
    """The tokens that the next commit would bring in, placed as they are staged.

    Raises:
        GitFailed: the repository cannot be read, or is bare.
    """
    _top(scan.repository)
    yield from _scan_changes(scan, git_changes.staged(scan.repository))


def scan_between(scan: GitScan, revisions: str) -> Results:
    """The tokens that `A..B` or `A...B` brought in, placed as they are in B.

    Raises:
        GitFailed: the repository cannot be read, or has no such revisions.
    """
    yield from _scan_changes(scan, git_changes.between(scan.repository, revisions))


def scan_since(scan: GitScan, revision: str, cache: ScanCache | None) -> Results:
    """The tokens of the working tree that were not in the same files at a revision.

    Raises:
        GitFailed: the repository cannot be read, has no such revision, or is bare.
    """
    top = _top(scan.repository)
    earlier = Earlier(scan.repository, git_changes.commit_of(scan.repository, revision))
    roots = [top / path for path in sorted(scan.wanted)] or [top]
    found = scan_folders(scan.scanner, roots, scan.settings, scan.places, cache=cache)
    left_out = LeftOut()
    with open_blobs(scan.repository) as blobs:
        scanner = VersionScanner(scan.scanner, scan.rules().of(str(top)), top, left_out)
        past = Past(scanner, blobs, scan.settings.max_file_bytes)
        for result in found:
            if isinstance(result, Trouble):
                yield result
                continue
            # A link that was named may lead to where no earlier state is known.
            name = result.path.relative_to(top).as_posix() if result.path.is_relative_to(top) else ""
            submodule = earlier.submodule_of(name)
            if submodule is None:
                yield past.only_new(result, name, earlier.contents(name))
            else:
                left_out.add(Reason.SUBMODULE, submodule)
    yield from left_out.troubles(top)


def _scan_changes(scan: GitScan, changes: Iterable[GitChange]) -> Results:
    folder, limit = scan.repository.folder, scan.settings.max_file_bytes
    rules, left_out = scan.rules(), LeftOut()
    scanner = VersionScanner(scan.scanner, rules.of(str(folder)), folder, left_out)
    choice = GitChoice(scan.wanted, scan.settings)
    with open_blobs(scan.repository) as blobs:
        past = Past(scanner, blobs, limit)
        versions = read_versions(choice.of(changes), blobs, limit, left_out)
        for change, version in in_order(partial(_with_change, scanner), versions):
            yield past.only_new(version, change.path, change.before)
    yield from choice.troubles(folder)
    yield from left_out.troubles(folder)
    yield from rules.troubles()


def _with_change(scanner: VersionScanner, version: Version) -> tuple[GitChange, ScannedVersion]:
    return version.change, scanner.scan(version)


def _top(repository: GitRepository) -> Path:
    if repository.top is None:
        where = shown(repository.folder)
        raise GitFailed(f"{where} has no working tree; scan its commits by `--history` or `--diff A..B`.")
    return repository.top
