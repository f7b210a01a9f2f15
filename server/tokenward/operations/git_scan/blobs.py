"""Scans versions of files in a Git repository, several at a time."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple, TypeVar

from tokenward.detection.custom.workspace import LocalRules
from tokenward.fast_dataclasses import dataclass
from tokenward.findings.scan import Scanner
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.scan import THREADS
from tokenward.operations.scan.skipped import Reason, SkippedFiles
from tokenward.operations.scan.workspace_rules import Rules
from tokenward.sources.git.blobs import BlobReader, UnreadBlob, is_lfs_pointer
from tokenward.sources.git.changes import CONFLICT, LINK, SUBMODULE, GitChange
from tokenward.sources.is_text import ENDING, is_compressed, is_text, no_text_kind, unpacked

CHUNK_VERSIONS, CHUNK_BYTES = 32, 4_000_000
"""The most versions that a thread scans at a time; fewer if they are large."""
_UNREAD = {UnreadBlob.MISSING: Reason.MISSING, UnreadBlob.TOO_LARGE: Reason.TOO_LARGE}

Result = TypeVar("Result")


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
