"""SessionBeginning: what an agent's first prompt sends besides itself, which is searched for tokens once a session."""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from pathlib import Path

from tokenward.errors import GitFailed
from tokenward.operations.programs import find_program
from tokenward.safe_files import open_regular, read_own, replace_private
from tokenward.sources.encoding import decoded

_LONGEST_LIST, _LONGEST_WORDS = 65_536, 100_000
_MOST_SAID = 8_388_608
"""Bytes; about what a model can be sent at once, and what can be searched in time."""
_QUESTIONS = (
    ("symbolic-ref", "--short", "--quiet", "HEAD"),
    ("rev-list", "--max-count=5", "--format=%s", "HEAD"),
    ("diff-index", "--cached", "--name-only", "-z", "HEAD"),
    ("ls-files", "--others", "--exclude-standard", "--directory", "-z"),
)


class SessionBeginning:
    """Notes the sessions that were searched in a file, the newest last; without a file, none was."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    def is_searched(self, session: str) -> bool:
        """Return whether a session was searched; one without a name never was."""
        return bool(session) and _digest(session) in self._digests()

    def note_searched(self, session: str) -> None:
        """Note a session; if that fails, it is searched again."""
        if self._path and session:
            with suppress(OSError):
                noted = b"\n".join([*self._digests(), _digest(session)])
                replace_private(self._path, noted[-_LONGEST_LIST:], durable=False)

    def _digests(self) -> list[bytes]:
        try:
            return read_own(self._path, _LONGEST_LIST).split(b"\n") if self._path else []
        except OSError:
            return []


def _digest(session: str) -> bytes:
    return hashlib.sha256(session.encode("utf-8", "surrogatepass")).hexdigest()[:32].encode()


def said_before(transcript: str) -> str:
    """Return the end of a session's transcript; nothing if it cannot be read."""
    try:
        descriptor, status = open_regular(transcript, follow_links=True)
    except (OSError, ValueError):
        return ""
    with os.fdopen(descriptor, "rb") as file:
        file.seek(max(0, status.st_size - _MOST_SAID))
        return decoded(file.read(_MOST_SAID))[0]


def repository_words(folder: Path) -> str:
    """Return the branch, the subjects of the last five commits and the names of staged and new files; else nothing."""
    from tokenward.sources.git.repository import open_repository  # noqa: PLC0415 - once a session

    git = find_program("git")
    try:
        repository = open_repository(git, folder, os.environ) if git else None
        answers = [repository.run(*one, may_fail=True) or b"" for one in _QUESTIONS] if repository else []
    except GitFailed:
        return ""
    return "\n".join(os.fsdecode(one[:_LONGEST_WORDS]).replace("\0", "\n") for one in answers)
