"""The programs that have a file open."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Iterator
from pathlib import Path

import psutil

_PROCESSES = Path("/proc")


def programs_with(paths: Collection[Path]) -> list[str]:
    """Return the other processes of this user that have one of some files open, each as `name (pid)`.

    On Windows the list is empty: there, an open file cannot be replaced.
    """
    if sys.platform == "win32":
        return []
    wanted = {(status.st_dev, status.st_ino) for path in paths if (status := _status(path)) is not None}
    found = _on_linux(wanted) if sys.platform == "linux" else _elsewhere(wanted)
    return [f"{name} ({pid})" for pid, name in found if pid != os.getpid()]


def _status(path: str | Path) -> os.stat_result | None:
    try:
        return os.stat(path)  # noqa: PTH116 - a text too
    except OSError:
        return None


def _on_linux(wanted: Collection[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    """Yield the processes whose descriptors lead to the files, whatever their names are now."""
    for process in _PROCESSES.glob("[0-9]*"):
        try:
            opened = [_status(entry.path) for entry in os.scandir(process / "fd")]
            if any(one is not None and (one.st_dev, one.st_ino) in wanted for one in opened):
                yield int(process.name), (process / "comm").read_text(errors="replace").strip()
        except OSError:
            # It has ended, or is another user's.
            continue


def _elsewhere(wanted: Collection[tuple[int, int]]) -> Iterator[tuple[int, str]]:
    for process in psutil.process_iter(["name"]):
        try:
            opened = [_status(one.path) for one in process.open_files()]
        except (psutil.Error, OSError):
            continue
        if any(one is not None and (one.st_dev, one.st_ino) in wanted for one in opened):
            yield process.pid, process.info["name"] or "a program"
