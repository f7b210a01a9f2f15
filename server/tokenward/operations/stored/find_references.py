"""Finds the files of a workspace that refer to a token, and the languages in which its code would look one up."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings, main_of, worktrees_of
from tokenward.errors import CustodyError
from tokenward.model import Reference, references_in
from tokenward.operations.scan.scan import walk_choice
from tokenward.rewriting.look_up_hints import look_up_hints
from tokenward.settings import Settings
from tokenward.sources.candidate import Candidate
from tokenward.sources.safe_read import Content, read_content
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk

SECONDS = 30.0
"""Seconds after which a search ends, however many files are left."""
_LANGUAGE_FILES, _LANGUAGE_SECONDS, _MOST_LANGUAGES = 2_000, 1.0, 3
"""The most files by whose names the languages are found, the time for that, and the most languages to name."""


@dataclass(frozen=True, slots=True)
class ReferringFiles:
    """The files that refer to a token; the search is whole if it reached every file."""

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
) -> ReferringFiles:
    """Return the files of a workspace that refer to a token, without those of another workspace inside it.

    Files of its worktrees are included, and those that Git or the settings ignore.
    """
    until = clock() + seconds
    main = main_of(folder) or folder
    roots = dict.fromkeys((folder, main, *worktrees_of(main)))

    def is_over() -> bool:
        return is_cancelled() or clock() > until

    found: list[Path] = []
    seen: set[Path] = set()
    for choice in (walk_choice(settings), WalkChoice(respects_gitignore=False)):
        for one in walk([*roots], choice, is_over):
            if is_over():
                return ReferringFiles(tuple(found), is_whole=False)
            if not isinstance(one, Candidate) or one.path in seen:
                continue
            seen.add(one.path)
            if _refers(one, reference, settings.max_file_bytes):
                # A repository in the workspace is another workspace.
                with suppress(CustodyError):
                    bindings.check(reference, bindings.workspace_root(one.path.parent))
                    found.append(one.path)
    # An expired walk ends by itself, even between two folders.
    return ReferringFiles(tuple(found), is_whole=not is_over())


def _refers(candidate: Candidate, reference: Reference, limit: int) -> bool:
    content = read_content(candidate, limit)
    if not isinstance(content, Content):
        return False
    # Every second byte of UTF-16 is zero.
    if str(reference).encode() not in content.data and b"\0" not in content.data[:64]:
        return False
    return any(found == reference for _, found in references_in(content.text()))


def look_ups(folder: Path, settings: Settings, name: str) -> list[tuple[str, list[str]]]:
    """Return the lookups of a variable in the most frequent languages of a folder, each with its files' suffixes."""
    until = time.monotonic() + _LANGUAGE_SECONDS
    found = walk([folder], walk_choice(settings), lambda: time.monotonic() > until)
    paths = [one.path for one in islice(found, _LANGUAGE_FILES) if isinstance(one, Candidate)]
    return look_up_hints(paths, name, _MOST_LANGUAGES)
