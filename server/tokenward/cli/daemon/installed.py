"""Installed: the code that a process has loaded, by the state of its files."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from tokenward import thin_client

SETTLED_SECONDS = 2.0
"""The youngest change that cannot have come while this process loaded its first modules."""


class Installed:
    """Every file of this code, and the folders of its dependencies, which each installation changes.

    A command is this code if nothing has changed since: both have the package in one folder, as their socket says.
    """

    def __init__(self) -> None:
        package = Path(thin_client.__file__).parent
        folders = [folder for folder in os.walk(package) if "__pycache__" not in folder[0]]
        self._places = [os.path.join(folder, file) for folder, _, files in folders for file in files]  # noqa: PTH118
        self._places += filter(os.path.isdir, sys.path)
        self._loaded = self._now()
        self._is_settled = (
            max(changed for _, _, changed in self._loaded) < time.time_ns() - SETTLED_SECONDS * 1e9
        )

    def is_changed(self) -> bool:
        """Return whether a file is gone, may have changed while it was loaded, or has changed since."""
        try:
            return not self._is_settled or self._now() != self._loaded
        except OSError:
            return True

    def _now(self) -> list[tuple[int, int, int]]:
        # The time of the last change of anything, which no program can set back.
        return [(one.st_ino, one.st_size, one.st_ctime_ns) for one in map(os.stat, self._places)]
