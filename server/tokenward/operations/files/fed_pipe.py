"""fed_pipe: a FIFO whose first reader gets a content."""

from __future__ import annotations

import os
import signal
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_PAUSE = 0.02


@contextmanager
def fed_pipe(path: Path, content: bytes) -> Iterator[None]:
    """Give the content to the first program that reads a FIFO during the block, from a process of our own."""
    if sys.platform == "win32":
        raise NotImplementedError
    parent = os.getpid()
    feeder = os.fork()
    if feeder == 0:
        try:
            signal.set_wakeup_fd(-1)
            # Among them is the lock by which others see that our process is alive.
            os.closerange(3, os.sysconf("SC_OPEN_MAX"))
            _feed(path, content, parent)
        finally:
            os._exit(0)
    try:
        yield
    finally:
        os.kill(feeder, signal.SIGKILL)
        os.waitpid(feeder, 0)


def _feed(path: Path, content: bytes, parent: int) -> None:
    while os.getppid() == parent:
        try:
            # Without a reader this fails; waiting for one would outlast our parent.
            pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        except FileNotFoundError:
            return
        except OSError:
            time.sleep(_PAUSE)
            continue
        if stat.S_ISFIFO(os.fstat(pipe).st_mode):
            os.set_blocking(pipe, True)
            with open(pipe, "wb") as file:  # noqa: PTH123
                file.write(content)
        return
