"""Scanning versions of files that a Git repository stores, several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from tokenward.detection.custom.workspace import LocalRules
from tokenward.findings.scan import Scanner
from tokenward.operations.git_scan.skipped import LeftOut, Reason
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.scan import THREADS
from tokenward.operations.scan.workspace_rules import Rules
from tokenward.sources.git.blobs import BlobReader, UnreadBlob, is_lfs_pointer
from tokenward.sources.git.changes import CONFLICT, LINK, SUBMODULE, GitChange
from tokenward.sources.is_text import is_text

CHUNK_VERSIONS, CHUNK_BYTES = 32, 4_000_000
"""What one thread takes at a time: so many versions, or fewer that are large."""
_UNREAD = {UnreadBlob.MISSING: Reason.MISSING, UnreadBlob.TOO_LARGE: Reason.TOO_LARGE}

Result = TypeVar("Result")


class Version(NamedTuple):
    """One version of a file."""

    change: GitChange
    content: bytes


@dataclass(frozen=True, slots=True)
class ScannedVersion(ScannedFile):
    """What was found in one version of a file.

    Attributes:
        commit: the hash of the commit that brought the version in; empty where commits are not what is scanned.
    """

    commit: str = ""


@dataclass(frozen=True, slots=True)
class VersionScanner:
    """Scans versions of the files of one repository; safe to share between threads.

    Attributes:
        folder: what their paths are relative to.
        rules: what holds for them.
        left_out: is told what was not scanned whole.
    """

    scanner: Scanner
    rules: Rules
    folder: Path
    left_out: LeftOut

    def scan(self, version: Version) -> ScannedVersion:
        """What stands in a version."""
        return self.scan_by(self.rules.local, version)

    def scan_by(self, local: LocalRules, version: Version) -> ScannedVersion:
        """The same, when something else than the repository's own configuration holds."""
        change, content = version
        name, path = self.rules.prefix + change.path, self.folder / change.path
        try:
            found = self.scanner.scan_content(content, name, local, commit=change.commit)
        except TimeoutError:
            self.left_out.add(Reason.TOO_SLOW, change.path)
            found = (), ()
        except Exception as error:  # noqa: BLE001 - one version must not keep all others from being scanned
            self.left_out.add(Reason.FAILED, change.path, type(error).__name__)
            found = (), ()
        return ScannedVersion(str(path), len(content), *found, commit=change.commit)


def read_versions(
    changes: Iterable[GitChange], blobs: BlobReader, limit: int, left_out: LeftOut
) -> Iterator[Version]:
    """Those of some changes that brought a text, with it."""
    for change in changes:
        if change.status == CONFLICT:
            left_out.add(Reason.CONFLICT, change.path)
        elif change.mode == SUBMODULE:
            left_out.add(Reason.SUBMODULE, change.path)
        elif change.mode != LINK:
            content = blobs.read(change.blob, limit)
            if isinstance(content, UnreadBlob):
                left_out.add(_UNREAD[content], change.path)
            elif is_lfs_pointer(content):
                left_out.add(Reason.LFS, change.path)
            elif is_text(change.path, content):
                yield Version(change, content)


def in_order(scan: Callable[[Version], Result], versions: Iterable[Version]) -> Iterator[Result]:
    """What a function says of each version, in their order, a few chunks ahead so that memory stays bounded."""
    waiting: deque[Future[list[Result]]] = deque()
    with ThreadPoolExecutor(THREADS, "tokenward-scan") as threads:
        try:
            for chunk in _chunks(versions):
                waiting.append(threads.submit(_each, scan, chunk))
                if len(waiting) > 2 * THREADS:
                    yield from waiting.popleft().result()
            while waiting:
                yield from waiting.popleft().result()
        finally:
            # Whoever ends a scan early waits for no more than what has begun.
            for future in waiting:
                future.cancel()


def _each(scan: Callable[[Version], Result], versions: list[Version]) -> list[Result]:
    return [scan(version) for version in versions]


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
