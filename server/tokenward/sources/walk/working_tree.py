"""Which working tree of Git a folder belongs to, found without starting Git."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from tokenward.ownership import is_strangers
from tokenward.sources.safe_read import read_small
from tokenward.sources.walk.git_index import Repository

_MARK = b"gitdir: "
_LONGEST_MARK = 8_192


def repository_at(folder: Path, prefix: int) -> Repository | None:
    """The repository whose working tree begins at a folder; as `Repository` has the prefix."""
    index = _index(folder)
    return None if index is None else Repository(index, prefix)


def repository_round(root: Path) -> Repository | None:
    """The repository whose working tree a folder lies deeper in; what another user put there is none."""
    real = Path(os.path.realpath(root))
    for above in real.parents:
        if os.path.lexists(above / ".git") and not is_strangers(above / ".git", real):
            index = _index(above)
            if index is not None:
                return Repository(index, inner=f"{real.relative_to(above).as_posix()}/")
    return None


def _index(folder: Path) -> Path | None:
    """Where the index of a working tree is, or would be: by `.git`, or where a file of that name leads."""
    git = folder / ".git"
    try:
        if stat.S_ISDIR(git.lstat().st_mode):
            return git / "index"
        index = _index_elsewhere(folder, read_small(git, _LONGEST_MARK) or b"")
        # A working tree of a repository that is somewhere else, or nowhere any more.
        return index if index is not None and index.is_file() else None
    except (OSError, ValueError):
        return None


def _index_elsewhere(folder: Path, mark: bytes) -> Path | None:
    path = os.fsdecode(mark.removeprefix(_MARK).strip(b"\r\n"))
    # To open what is on another machine's share would tell that machine who the user is.
    is_remote = path[:2] in {"//", "\\\\", "/\\", "\\/"}
    return None if not mark.startswith(_MARK) or is_remote else folder / path / "index"
