"""The repository of a git worktree, if both of them confirm it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from tokenward.ownership import is_strangers

GIT = ".git"
TOGETHER = 5.0
"""Seconds within which `git worktree add` writes the files of both sides, even on a slow disk."""

_LARGEST = 10_000
_WORKTREES = "worktrees"


def main_of(folder: Path) -> Path | None:
    """Return the main folder of a worktree's repository; None unless both sides confirm it.

    The folder's own files prove nothing: a stranger's can point anywhere. The repository's files are not enough
    either, since `git worktree repair` and some versions of git update them from the folder's. So the files of
    both must also have been written at the same moment, as only `git worktree add` does.

    Args:
        folder: a resolved path.
    """
    with contextlib.suppress(OSError, ValueError, RuntimeError):
        pointer = folder / GIT
        ours = _path_in(pointer, "gitdir: ").resolve(strict=True)
        git = ours.parent.parent
        main = git.parent
        if (
            ours.parent == git / _WORKTREES
            and git.name == GIT
            and _path_in(ours / "commondir").resolve(strict=True) == git
            and _path_in(ours / "gitdir").parent.resolve(strict=True) == folder
            # No archive can set these times.
            and abs(pointer.lstat().st_ctime - (ours / "commondir").lstat().st_ctime) <= TOGETHER
            and not is_strangers(pointer, main)
        ):
            return main
    return None


def worktrees_of(main: Path) -> list[Path]:
    """Return the folders of a repository's worktrees, each confirmed as by `main_of`."""
    found = []
    with contextlib.suppress(OSError):
        for pointer in sorted((main / GIT / _WORKTREES).glob("*/gitdir")):
            with contextlib.suppress(OSError, ValueError, RuntimeError):
                folder = _path_in(pointer).parent.resolve(strict=True)
                if main_of(folder) == main.resolve():
                    found.append(folder)
    return found


def _path_in(file: Path, prefix: str = "") -> Path:
    """Return the path in a small file of git's, relative to the file's folder.

    Raises:
        OSError, ValueError: there is no such file, or its content is something else.
    """
    # Git writes neither links nor pipes here.
    if not stat.S_ISREG(file.lstat().st_mode):
        raise ValueError("not a regular file")
    with file.open("rb") as stream:
        content = os.fsdecode(stream.read(_LARGEST + 1))
    text = content.rstrip("\r\n")
    if len(content) > _LARGEST or not text.startswith(prefix) or text == prefix or "\0" in text:
        raise ValueError("no path")
    return file.parent / text[len(prefix) :]
