"""Scans all commits of a Git repository: each token once per file, with the commit that added it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from hashlib import blake2b

from tokenward.detection.custom.workspace import GITLEAKS_IGNORES
from tokenward.operations.git_scan.changes import (
    GitScan,
    PathFilter,
    Results,
    Version,
    VersionScanner,
    in_order,
    read_versions,
)
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.skipped import SkippedFiles
from tokenward.places import shown
from tokenward.sources.candidate import Trouble
from tokenward.sources.git import changes as git_changes
from tokenward.sources.git.changes import GitChange
from tokenward.sources.git.repository import GitRepository, open_blobs


def scan_history(scan: GitScan) -> Results:
    """Scan every version of a file in any reachable commit for tokens that no earlier version contains.

    Raises:
        GitFailed: the repository cannot be read to its end.
    """
    repository, limit = scan.repository, scan.settings.max_file_bytes
    folder, rules, skipped, seen = repository.folder, scan.rules(), SkippedFiles(), _Seen()
    scanner = VersionScanner(scan.scanner, rules.of(str(folder)), folder, skipped)
    paths = PathFilter(scan.paths, scan.settings)

    def scanned(version: Version) -> tuple[ScannedFile, tuple[str, ...]]:
        file = scanner.scan(version)
        return file, _ignored_tokens(scanner, version, file) if file.silenced else ()

    with open_blobs(repository) as blobs:
        changes = seen.new_versions(paths.selected(git_changes.history(repository)))
        for file, ignored in in_order(scanned, read_versions(changes, blobs, limit, skipped)):
            yield seen.removed_from(file, ignored)
    yield from paths.troubles(folder)
    yield from skipped.troubles(folder)
    yield from rules.troubles()
    if git_changes.is_cut_off(repository):
        sentence = (
            f"{shown(folder)} is a shallow clone, so only a part of its history was scanned; "
            "`git fetch --unshallow` fetches the rest."
        )
        yield Trouble(folder, sentence)


def commit_count(repository: GitRepository) -> int:
    """Return the number of commits that a scan of the history covers.

    Raises:
        GitFailed: the repository cannot be read.
    """
    return int(repository.run_line("rev-list", "--all", "--count"))


def _ignored_tokens(scanner: VersionScanner, version: Version, file: ScannedFile) -> tuple[str, ...]:
    """Return an identity for the token at each ignored place in a version."""
    without_ignores = replace(scanner.rules.local, ignore_sources=(), exceptions=(), comments=False)
    everything = scanner.scan(version, without_ignores)
    known = {(found.start.line, found.rule): str(found.fingerprint) for found in everything.findings}
    return tuple(known.get((one.line, one.rule), f"{one.line}:{one.rule}") for one in file.silenced)


class _Seen:
    """The versions and tokens of earlier commits."""

    def __init__(self) -> None:
        self._versions: set[bytes] = set()
        self._found: set[tuple[str, str]] = set()
        self._ignored: set[tuple[str, str]] = set()
        self._accepted: set[tuple[str, str]] = set()

    def new_versions(self, changes: Iterable[GitChange]) -> Iterator[GitChange]:
        """Yield the changes that add content to a path where it has not been before."""
        for change in changes:
            path = change.path.encode("utf-8", "surrogatepass")
            # A history may have millions of versions, so each takes only a few bytes.
            version = blake2b(path, key=change.blob.encode()[:64], digest_size=12).digest()
            if version not in self._versions:
                self._versions.add(version)
                yield change

    def removed_from(self, file: ScannedFile, ignored: tuple[str, ...]) -> ScannedFile:
        """Return a version without the tokens that an earlier version of the same file has."""
        path = str(file.path)
        new_ignored = []
        for one, token in zip(file.silenced, ignored, strict=True):
            if one.by.startswith(GITLEAKS_IGNORES):
                # The ignore names a commit or a line, but means the token wherever later commits have moved it.
                self._accepted.add((path, token))
            new_ignored += [one] if _is_new((path, token), self._ignored) else []
        findings = tuple(
            found
            for found in file.findings
            if (path, found.fingerprint) not in self._accepted
            and _is_new((path, found.fingerprint), self._found)
        )
        return replace(file, findings=findings, silenced=tuple(new_ignored))


def _is_new(token: tuple[str, str], seen: set[tuple[str, str]]) -> bool:
    is_new = token not in seen
    seen.add(token)
    return is_new
