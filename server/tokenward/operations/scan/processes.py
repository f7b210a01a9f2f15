"""Scans with several processes, since threads take turns at whatever Python does between two calls of the engine."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from tokenward.operations.scan.file_scan import FileScanner
from tokenward.sources.candidate import Candidate, Identity, Trouble

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Result = TypeVar("Result")
Scan = Callable[[Sequence[Candidate | Trouble], Callable[[], bool]], list[Result]]
"""Scans files until cancelled."""
CAN_FORK = sys.platform == "linux"
"""Elsewhere, a fork is not safe (macOS) or does not exist."""


class ScanProcesses(Generic[Result]):
    """Forks of this process, with the rules that it has loaded.

    Attributes:
        troubles: those of the rules that they read.
    """

    def __init__(self, files: FileScanner, scan: Scan[Result], count: int) -> None:
        """Start them; no thread of this process may hold a lock."""
        self.troubles: dict[Trouble, None] = {}
        self._files = files
        self._scan = scan
        self._all: list[tuple[int, Connection]] = []
        self._free: SimpleQueue[Connection | None] = SimpleQueue()
        for _ in range(count):
            try:
                self._start()
            except OSError:
                # There may be no more processes.
                self._free.put(None)

    def scan(self, walked: Sequence[Candidate | Trouble], is_cancelled: Callable[[], bool]) -> list[Result]:
        """Scan files in a process that is free; in this one, if that process ends."""
        process = self._free.get()
        try:
            if process is not None:
                process.send(_packed(walked))
                results, skipped, troubles = process.recv()
                self._files.skipped.add_all(skipped)
                self.troubles.update(dict.fromkeys(troubles))
                return list(results)
        except (OSError, EOFError):
            process = None
        finally:
            self._free.put(process)
        return self._scan(walked, is_cancelled)

    def close(self) -> None:
        """Let each process store its results and end."""
        for pid, process in self._all:
            process.close()
            os.waitpid(pid, 0)

    def _start(self) -> None:
        from multiprocessing import Pipe  # noqa: PLC0415 - only large folders need it

        ours, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            try:
                # It ends when this process has ended, as no other holds its pipe open.
                for connection in (ours, *(other for _, other in self._all)):
                    connection.close()
                self._serve(theirs)
            finally:
                os._exit(0)
        theirs.close()
        self._all.append((pid, ours))
        self._free.put(ours)

    def _serve(self, connection: Connection) -> None:
        # Ctrl+C is for the process that was started.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        files = self._files
        with suppress(OSError, EOFError):
            while True:
                results = self._scan(_unpacked(connection.recv()), lambda: False)
                connection.send((results, files.skipped, [*files.rules.troubles()]))
                files.skipped.clear()
        if files.cache is not None:
            files.cache.save()


_Packed = list[tuple[str, tuple[object, ...], int] | Trouble]
"""Candidates as plain tuples, which are sent in a quarter of the time."""


def _packed(walked: Sequence[Candidate | Trouble]) -> _Packed:
    return [
        one if isinstance(one, Trouble) else (one.root, tuple(one.identity), one.weight) for one in walked
    ]


def _unpacked(packed: _Packed) -> list[Candidate | Trouble]:
    new = tuple.__new__
    return [
        one if isinstance(one, Trouble) else new(Candidate, (one[0], new(Identity, one[1]), one[2]))
        for one in packed
    ]
