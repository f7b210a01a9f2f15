"""Which files of a workspace refer to one token: those of the scan's own choice, looked through for the text."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings
from tokenward.errors import CustodyError
from tokenward.model import Reference, references_in
from tokenward.operations.scan.scan import walk_choice
from tokenward.settings import Settings
from tokenward.sources.candidate import Candidate
from tokenward.sources.safe_read import Content, read_content
from tokenward.sources.walk.walk import walk

SECONDS = 30.0
"""After which a search ends, however many files are left."""


@dataclass(frozen=True, slots=True)
class Referring:
    """What a search came upon.

    Attributes:
        files: those that refer to the token.
        is_whole: every file was looked at.
    """

    files: tuple[Path, ...]
    is_whole: bool


def referring_files(
    folder: Path,
    reference: Reference,
    settings: Settings,
    bindings: Bindings,
    *,
    seconds: float = SECONDS,
    clock: Callable[[], float] = time.monotonic,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Referring:
    """Return the files of a workspace that refer to a token, without those of another workspace inside it."""
    until = clock() + seconds

    def is_over() -> bool:
        return is_cancelled() or clock() > until

    found: list[Path] = []
    for one in walk([folder], walk_choice(settings), is_over):
        if is_over():
            return Referring(tuple(found), is_whole=False)
        if (
            isinstance(one, Candidate)
            and _refers(one, reference, settings.max_file_bytes)
            and _resolves(bindings, one.path, reference)
        ):
            found.append(one.path)
    # A walk that is over ends by itself, and between two folders it tells nobody.
    return Referring(tuple(found), is_whole=not is_over())


def _refers(candidate: Candidate, reference: Reference, limit: int) -> bool:
    content = read_content(candidate, limit)
    if not isinstance(content, Content):
        return False
    # Every other byte of UTF-16 is zero.
    if str(reference).encode() not in content.data and b"\0" not in content.data[:64]:
        return False
    return any(found == reference for _, found in references_in(content.text()))


def _resolves(bindings: Bindings, path: Path, reference: Reference) -> bool:
    """Return whether the reference would resolve beside the file; a repository in the workspace is another one."""
    try:
        bindings.check(reference, bindings.workspace_root(path.parent))
    except CustodyError:
        return False
    return True
