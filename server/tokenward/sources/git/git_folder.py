"""Checks a Git folder for pipes and devices, which git would open and then wait for forever."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tokenward.errors import GitFailed
from tokenward.places import shown

# Separate repositories, which are not read, and files that git itself never opens.
_OTHERS = {"modules", "lfs", "annex", "hooks", "logs"}


def require_ordinary(git_folder: Path) -> None:
    """Refuse a Git folder that contains a pipe, a device, or a link to one.

    Raises:
        GitFailed: it contains one.
    """
    for entry in _entries(git_folder):
        if _is_pipe_or_device(entry):
            raise GitFailed(
                f"{shown(entry.path)} is not a regular file, so git would hang on it; find out why, and remove it."
            )


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    waiting: list[str] = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    yield entry
                    if entry.name not in _OTHERS and entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
        except OSError:
            # Git reports better what it cannot read.
            continue


def _is_pipe_or_device(entry: os.DirEntry[str]) -> bool:
    # For most entries, the listing says what they are, without another call.
    if entry.is_dir(follow_symlinks=False) or entry.is_file(follow_symlinks=False):
        return False
    try:
        mode = entry.stat().st_mode
    except OSError:
        return False
    return stat.S_ISFIFO(mode) or stat.S_ISCHR(mode) or stat.S_ISBLK(mode)
