"""Files of which only matters that they changed, wherever they are: they are looked at now and then."""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable
from pathlib import Path
from threading import Lock

State = tuple[tuple[int, ...], tuple[int, ...]]
_UNSEEN: State = ((-1,), ())


class Noticed:
    """Files by the names that they were given, whatever links lead to them; safe to share between threads."""

    def __init__(self, paths: Iterable[Path]) -> None:
        """Take files as they are now."""
        self._lock = Lock()
        self._states = {str(path): _state(str(path)) for path in paths}

    def __contains__(self, path: object) -> bool:
        return path in self._states

    def __bool__(self) -> bool:
        return bool(self._states)

    def name(self, paths: Iterable[Path]) -> None:
        """Notice these files from now on and no others; each that is new is told once without any change."""
        with self._lock:
            self._states = {str(path): self._states.get(str(path), _UNSEEN) for path in paths}

    def changed(self, heard: Container[str] = ()) -> frozenset[Path]:
        """The files that are no longer what they were, or of which a change was heard."""
        with self._lock:
            before, self._states = self._states, {path: _state(path) for path in self._states}
            changed = (path for path, state in self._states.items() if path in heard or state != before[path])
            return frozenset(map(Path, changed))


def _state(path: str) -> State:
    """What is another one after a file was written or replaced, or a link that leads to it was."""
    return _numbers(os.lstat, path), _numbers(os.stat, path)


def _numbers(look: Callable[[str], os.stat_result], path: str) -> tuple[int, ...]:
    try:
        status = look(path)
    except (OSError, ValueError):
        return ()
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns
