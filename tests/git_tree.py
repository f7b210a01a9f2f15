"""A trusted Git repository in a temporary folder, for tests that compare our reading of Git with Git's own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

_SETTINGS = (
    "user.name=a",
    "user.email=a@b.c",
    "commit.gpgsign=false",
    "core.ignorecase=false",
    "core.quotepath=false",
)


def git(folder: Path, *arguments: str, given: bytes = b"", ends_with: tuple[int, ...] = (0,)) -> bytes:
    """Run git without user or system settings and return its output."""
    options = [option for setting in _SETTINGS for option in ("-c", setting)]
    alone = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    done = subprocess.run(
        ["git", *options, *arguments],
        cwd=folder,
        env={**os.environ, **alone},
        input=given,
        capture_output=True,
        check=False,
    )
    assert done.returncode in ends_with, done.stderr
    return done.stdout


def repository(folder: Path, *arguments: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "-q", "-b", "main", *arguments)
    return folder


def empty_repository(folder: Path) -> Path:
    """Make a folder a working tree in our eyes; Git itself would require more."""
    (folder / ".git").mkdir(parents=True, exist_ok=True)
    return folder
