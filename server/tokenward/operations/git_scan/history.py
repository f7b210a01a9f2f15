"""Scanning all commits of a Git repository: each token once for each file, with the commit that brought it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from hashlib import blake2b

from tokenward.detection.custom.workspace import GITLEAKS_IGNORES, LocalRules
from tokenward.detection.suppress.suppressor import IgnoredDetection
from tokenward.operations.git_scan.blobs import (
    ScannedVersion,
    Version,
    VersionScanner,
    in_order,
    read_versions,
)
from tokenward.operations.git_scan.changes import GitScan
from tokenward.operations.git_scan.path_filter import GitChoice
from tokenward.operations.git_scan.skipped import LeftOut
from tokenward.places import shown
from tokenward.sources.candidate import Trouble
from tokenward.sources.git import changes as git_changes
from tokenward.sources.git.blobs import open_blobs
from tokenward.sources.git.changes import GitChange
from tokenward.sources.git.repository import GitRepository


def scan_history(scan: GitScan) -> Iterator[ScannedVersion | Trouble]:
    """Every version of a file in any commit that a reference leads to, with the tokens that it was the first to hold.

    Raises:
        GitFailed: the repository cannot be read to its end.
    """
    repository, limit = scan.repository, scan.settings.max_file_bytes
    rules, left_out, seen = scan.rules(), LeftOut(), _Seen()
    scanner = VersionScanner(scan.scanner, rules.of(str(repository.folder)), repository.folder, left_out)
    choice = GitChoice(scan.wanted, scan.settings)
    with open_blobs(repository) as blobs:
        changes = seen.not_yet(choice.of(git_changes.history(repository)))
        for version in in_order(_History(scanner).scan, read_versions(changes, blobs, limit, left_out)):
            yield seen.first(version)
    yield from choice.troubles(repository.folder)
    yield from left_out.troubles(repository.folder)
    yield from rules.troubles()
    if git_changes.is_cut_off(repository):
        yield Trouble(repository.folder, _cut_off(repository))


def commit_count(repository: GitRepository) -> int:
    """How many commits a scan of the history looks at.

    Raises:
        GitFailed: the repository cannot be read.
    """
    return int(repository.run_line("rev-list", "--all", "--count"))


@dataclass(frozen=True, slots=True)
class _Scanned:
    """A scanned version; `hidden` is what tells each token that is silenced in it from others."""

    file: ScannedVersion
    hidden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _History:
    """Scans versions, and tells those tokens apart that are silenced."""

    scanner: VersionScanner

    def scan(self, version: Version) -> _Scanned:
        file = self.scanner.scan(version)
        return _Scanned(file, self._hidden(version, file.silenced) if file.silenced else ())

    def _hidden(self, version: Version, silenced: Iterable[IgnoredDetection]) -> tuple[str, ...]:
        everything = self.scanner.scan_by(_heard(self.scanner.rules.local), version)
        known = {(found.start.line, found.rule): str(found.fingerprint) for found in everything.findings}
        return tuple(known.get((one.line, one.rule), f"{one.line}:{one.rule}") for one in silenced)


def _heard(local: LocalRules) -> LocalRules:
    """The same rules, when nothing silences."""
    return replace(local, ignore_sources=(), exceptions=(), comments=False)


class _Seen:
    """What was met in earlier commits."""

    def __init__(self) -> None:
        self._versions: set[bytes] = set()
        self._found: set[tuple[str, str]] = set()
        self._silenced: set[tuple[str, str]] = set()
        self._accepted: set[tuple[str, str]] = set()

    def not_yet(self, changes: Iterable[GitChange]) -> Iterator[GitChange]:
        """The changes that bring a content to a place where it has not been."""
        for change in changes:
            place = change.path.encode("utf-8", "surrogatepass")
            # A history may have millions of versions, so that little is kept of each.
            version = blake2b(place, key=change.blob.encode()[:64], digest_size=12).digest()
            if version not in self._versions:
                self._versions.add(version)
                yield change

    def first(self, scanned: _Scanned) -> ScannedVersion:
        """A version without the tokens that an earlier one of the same file has."""
        file, path = scanned.file, str(scanned.file.path)
        silenced = []
        for one, token in zip(file.silenced, scanned.hidden, strict=True):
            if one.by.startswith(GITLEAKS_IGNORES):
                # It names a commit or a line, and the token is meant wherever later commits have moved it.
                self._accepted.add((path, token))
            silenced += [one] if _is_new((path, token), self._silenced) else []
        findings = tuple(
            found
            for found in file.findings
            if (path, found.fingerprint) not in self._accepted
            and _is_new((path, found.fingerprint), self._found)
        )
        return replace(file, findings=findings, silenced=tuple(silenced))


def _is_new(token: tuple[str, str], seen: set[tuple[str, str]]) -> bool:
    is_new = token not in seen
    seen.add(token)
    return is_new


def _cut_off(repository: GitRepository) -> str:
    return (
        f"{shown(repository.folder)} is a shallow clone, so only a part of its history was scanned; "
        "`git fetch --unshallow` brings the rest."
    )
