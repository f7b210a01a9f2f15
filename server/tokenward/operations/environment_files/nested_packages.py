"""Finds the environment files of the packages below a folder, such as the root of a monorepo."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

from tokenward.custody.bindings.bindings import REPOSITORY_MARKS
from tokenward.errors import SettingsError
from tokenward.operations.environment_files.find_files import (
    DEFAULT_NAME,
    EnvironmentFiles,
    files_of,
    is_container,
    may_refer,
)
from tokenward.rewriting.env_file import has_variables
from tokenward.settings import WORKSPACE_FILE, Settings
from tokenward.sources.project import NOT_ITS_OWN, code_below

_DEEPEST = 3
_MOST_FOLDERS = 300
_MOST_ENTRIES = 5_000
_MOST_PACKAGES = 30
_MOST_FILES = 1_000
_APART = {*REPOSITORY_MARKS, WORKSPACE_FILE}
_MOST_BYTES = 100_000
"""The most bytes of a package's environment files."""


def files_below(
    settings: Settings, root: Path, start: Path, command: Sequence[str], environment: Mapping[str, str]
) -> tuple[EnvironmentFiles, ...]:
    """Return the environment files of each package below a folder; none if no file there refers to a token.

    Nothing is read in the folders of other workspaces and repositories, and in those of installed packages.
    """
    real, top = Path(os.path.realpath(start)), Path(os.path.realpath(root))
    is_wide = Path(os.path.realpath(Path.home())).is_relative_to(real)
    if settings.env_file != DEFAULT_NAME or is_container(command) or is_wide or not real.is_relative_to(top):
        return ()
    found = [*islice(_folders_with_files(root / real.relative_to(top)), _MOST_PACKAGES)]
    if not any(may_refer(folder / name) for folder, names in found for name in names):
        return ()
    files = []
    for folder, _ in found:
        with suppress(SettingsError, OSError):
            package = files_of(root, folder, command, environment)
            if sum(path.stat().st_size for path in package.family) <= _MOST_BYTES:
                files.append(package)
    return tuple(files)


def names_set_by_other_code(start: Path, found: Mapping[str, Path]) -> set[str]:
    """Return the names of variables to which code gives a value of its own outside of the package that sets them."""
    # Its patterns take longer than a start without packages.
    from tokenward.sources.project import FILES, other_values  # noqa: PLC0415

    return {
        name
        for path, text in code_below(start, FILES, _MOST_FILES)
        if any(name in text for name in found)
        for name, other in other_values(Path(path), text)
        if name in found and not other.path.is_relative_to(found[name])
    }


def _folders_with_files(start: Path) -> Iterator[tuple[Path, list[str]]]:
    """Yield the folders below one that have environment files, and the names of these."""
    waiting, folders, left = deque([(str(start), 0)]), 0, _MOST_ENTRIES
    while waiting and folders < _MOST_FOLDERS and left > 0:
        folder, depth = waiting.popleft()
        folders += 1
        with suppress(OSError), os.scandir(folder) as opened:
            entries = [*islice(opened, left)]
            left -= len(entries)
            if depth and any(entry.name in _APART for entry in entries):
                continue
            if depth < _DEEPEST:
                own = [one for one in entries if one.name[0] != "." and one.name not in NOT_ITS_OWN]
                below = sorted(one.path for one in own if one.is_dir(follow_symlinks=False))
                waiting += [(path, depth + 1) for path in below]
            named = [one for one in entries if "env" in one.name.lower() and not one.is_symlink()]
            names = [one.name for one in named if has_variables(one.name)]
            if depth and names:
                yield Path(folder), names
