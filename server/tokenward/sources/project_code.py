"""Reads the code of a file's project, which may be hostile, to see how it reads its settings."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tokenward.safe_files import NotRegular, open_regular

_MOST_FOLDERS = 16
"""The most folders, from that of a file upwards, that may be the project's."""
_MOST_ENTRIES = 3_000
_MOST_FILES = 200
_LARGEST = 100_000
"""The bytes of a file that are read."""
_ROOTS = {
    ".git", "Cargo.toml", "build.gradle", "build.gradle.kts", "go.mod", "package.json", "pom.xml", "pyproject.toml",
    "requirements.txt", "setup.py",
}  # fmt: skip
BUILDS = ("Gemfile", "build.gradle", "build.gradle.kts", "build.sbt", "firebase.json", "pom.xml")
"""The files of a project that say which program reads its other files."""
NOT_ITS_OWN = {"build", "dist", "node_modules", "site-packages", "target", "third_party", "vendor", "venv"}
"""The names of folders in which a project has what it did not write."""


def project_code(file: Path, suffixes: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of a project's files with one of the suffixes, those nearest to its folder first."""
    folders = [*islice(file.parents, _MOST_FOLDERS)]
    root = next((one for one in folders if any(os.path.lexists(one / name) for name in _ROOTS)), file.parent)
    return code_below(root, suffixes)


def builds_of(file: Path) -> dict[str, str]:
    """Return those of BUILDS in the nearest folder above a file that has one, with their texts."""
    for folder in islice(file.parents, _MOST_FOLDERS):
        if found := {Path(path).name: text for path, text in _texts(f"{folder}/{name}" for name in BUILDS)}:
            return found
        if os.path.lexists(folder / ".git"):
            break
    return {}


def code_below(folder: Path, suffixes: tuple[str, ...], most: int = _MOST_FILES) -> Iterator[tuple[str, str]]:
    """Yield the names and texts of some of a folder's files with one of the suffixes, the uppermost first."""
    yield from _texts(islice(_files(folder, suffixes), most))


def _texts(paths: Iterable[str]) -> Iterator[tuple[str, str]]:
    for path in paths:
        with suppress(OSError, NotRegular):
            descriptor, _ = open_regular(path)
            with os.fdopen(descriptor, "rb") as opened:
                yield path, opened.read(_LARGEST).decode("utf-8", "replace")


def _files(root: Path, suffixes: tuple[str, ...]) -> Iterator[str]:
    waiting, seen = deque([str(root)]), 0
    while waiting and seen < _MOST_ENTRIES:
        with suppress(OSError), os.scandir(waiting.popleft()) as entries:
            for entry in sorted(islice(entries, _MOST_ENTRIES - seen), key=lambda entry: entry.name):
                seen += 1
                if entry.name.endswith(suffixes):
                    yield entry.path
                elif (
                    entry.name[0] != "."
                    and entry.name not in NOT_ITS_OWN
                    and entry.is_dir(follow_symlinks=False)
                ):
                    waiting.append(entry.path)
