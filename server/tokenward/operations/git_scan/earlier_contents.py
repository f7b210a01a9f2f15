"""What stood in files before: a token that was there already is not new."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeVar

from tokenward.model import Fingerprint
from tokenward.operations.git_scan.blobs import Version, VersionScanner
from tokenward.operations.git_scan.path_filter import folders_round
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.sources.git import changes as git_changes
from tokenward.sources.git.blobs import BlobReader
from tokenward.sources.git.changes import SUBMODULE, GitChange
from tokenward.sources.git.repository import GitRepository
from tokenward.sources.is_text import is_text

Scanned = TypeVar("Scanned", bound=ScannedFile)


class Past:
    """Tells new tokens from those that a file held before."""

    def __init__(self, scanner: VersionScanner, blobs: BlobReader, limit: int) -> None:
        self._scanner = scanner
        self._blobs = blobs
        self._limit = limit

    def only_new(self, file: Scanned, path: str, before: tuple[str, ...]) -> Scanned:
        """A scanned file without the tokens that it held before.

        Args:
            file: as it is now.
            path: where it is in the repository.
            before: the ids of its earlier contents.
        """
        if not file.findings or not before:
            return file
        known = {fingerprint for blob in before for fingerprint in self._fingerprints(path, blob)}
        return replace(file, findings=tuple(f for f in file.findings if f.fingerprint not in known))

    def _fingerprints(self, path: str, blob: str) -> set[Fingerprint]:
        content = self._blobs.read(blob, self._limit)
        if not isinstance(content, bytes) or not is_text(path, content):
            return set()
        version = Version(GitChange(path, "", blob, ""), content)
        return {finding.fingerprint for finding in self._scanner.scan(version).findings}


class Earlier:
    """A commit, as what the working tree is compared with."""

    def __init__(self, repository: GitRepository, commit: str) -> None:
        """Read what the commit holds.

        Raises:
            GitFailed: the repository cannot be read.
        """
        # Whether a file was renamed git can tell of what is in the index.
        changes = git_changes.since(repository, commit)
        held = [*git_changes.files_of(repository, commit), *changes]
        self._submodules = {change.path for change in held if change.mode == SUBMODULE}
        self._contents = {change.path: change.before for change in held if change.before}

    def contents(self, path: str) -> tuple[str, ...]:
        """The ids of what a file held, also when it was called otherwise."""
        return self._contents.get(path, ())

    def submodule_of(self, path: str) -> str | None:
        """The submodule that a file lies in."""
        return next((folder for folder in folders_round(path) if folder in self._submodules), None)
