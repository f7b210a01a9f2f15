"""Reads the contents that a Git repository stores, one after the other with one git process."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from typing import IO

from tokenward.errors import GitFailed
from tokenward.places import shown
from tokenward.sources.git.repository import GitRepository

_LFS = b"version https://git-lfs.github.com/spec/"
_SKIPPED_BYTES = 1 << 20


class UnreadBlob(Enum):
    """The reason why a content cannot be scanned."""

    MISSING = "the repository lacks it, as a partial clone may"
    TOO_LARGE = "it is larger than the limit"


class BlobReader:
    """Reads contents by their ids; for a single thread."""

    def __init__(self, repository: GitRepository, stdin: IO[bytes], stdout: IO[bytes]) -> None:
        self._repository = repository
        self._stdin, self._stdout = stdin, stdout

    def read(self, blob: str, limit: int) -> bytes | UnreadBlob:
        """Return the content under an id, unless it is larger than the limit.

        Raises:
            GitFailed: it is damaged, or missing although the repository is complete.
        """
        try:
            self._stdin.write(f"{blob}\n".encode())
            self._stdin.flush()
        except OSError:
            raise self._failure() from None
        _, _, facts = self._stdout.readline().decode().strip().partition(" ")
        # Git also calls damaged content missing.
        if facts == "missing" and self._repository.may_lack_contents():
            return UnreadBlob.MISSING
        kind, _, size = facts.partition(" ")
        if kind != "blob":
            raise self._failure()
        length = int(size)
        is_wanted = length <= limit
        content = self._exactly(length) if is_wanted else b""
        for start in () if is_wanted else range(0, length, _SKIPPED_BYTES):
            self._exactly(min(_SKIPPED_BYTES, length - start))
        self._exactly(1)  # the line's end
        return content if is_wanted else UnreadBlob.TOO_LARGE

    def _exactly(self, size: int) -> bytes:
        content = self._stdout.read(size)
        if len(content) != size:
            raise self._failure()
        return content

    def _failure(self) -> GitFailed:
        where = shown(self._repository.folder)
        return GitFailed(f"The repository {where} is damaged; run `git fsck` there to see where.")


@contextmanager
def open_blobs(repository: GitRepository) -> Iterator[BlobReader]:
    """Open the contents of a repository until the block ends."""
    with repository.start_process("cat-file", "--batch", stdin=subprocess.PIPE) as process:
        if process.stdin is None or process.stdout is None:
            raise TypeError("the process was started with pipes")
        yield BlobReader(repository, process.stdin, process.stdout)


def is_lfs_pointer(content: bytes) -> bool:
    """Return whether content is only a pointer to a file in Git LFS."""
    return len(content) < 1024 and content.startswith(_LFS)
