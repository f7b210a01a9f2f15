"""Which repository a folder is a git worktree of, by what both of them say."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from tokenward.ownership import is_strangers

GIT = ".git"
TOGETHER = 5.0
"""Seconds within which `git worktree add` writes the files of both sides, on a slow disk too."""

_LARGEST = 10_000
_WORKTREES = "worktrees"


def main_of(folder: Path) -> Path | None:
    """The main folder of the repository that a folder is a worktree of; None unless both sides say so.

    A folder's own word is worth nothing: a stranger's can point anywhere. The repository's word is not enough
    either, since `git worktree repair` and some versions of git let it follow the folder's. So the
    files of both must also be from one moment, which only `git worktree add` makes them.

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
            and _are_of_one_moment(pointer, ours / "commondir")
            and not is_strangers(pointer, main)
        ):
            return main
    return None


def _path_in(file: Path, prefix: str = "") -> Path:
    """The path that a small file of git's holds; a relative one starts at the file's folder.

    Raises:
        OSError, ValueError: there is no such file, or it holds something else.
    """
    # A link or a pipe is none of git's.
    if not stat.S_ISREG(file.lstat().st_mode):
        raise ValueError("no regular file")
    with file.open("rb") as stream:
        content = os.fsdecode(stream.read(_LARGEST + 1))
    text = content.rstrip("\r\n")
    if len(content) > _LARGEST or not text.startswith(prefix) or text == prefix or "\0" in text:
        raise ValueError("no path")
    return file.parent / text[len(prefix) :]


def _are_of_one_moment(one: Path, other: Path) -> bool:
    """Whether two files were last written, or made, at one time; no archive can choose that of its files."""
    return abs(one.lstat().st_ctime - other.lstat().st_ctime) <= TOGETHER
