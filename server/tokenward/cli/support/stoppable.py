"""stoppable: the progress of a move on a terminal, and its end after Ctrl+C."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count

from tokenward.errors import MoveStopped
from tokenward.operations.move.move_file import STOPPED
from tokenward.phrases import counted


@contextmanager
def stoppable() -> Iterator[Callable[[], None]]:
    """Give what is called after each token: it shows their number, and raises MoveStopped after Ctrl+C.

    A second Ctrl+C ends the command at once.
    """
    is_pressed, numbers, before = False, count(1), signal.getsignal(signal.SIGINT)
    is_shown = sys.stderr is not None and sys.stderr.isatty()

    def stop(*_: object) -> None:
        nonlocal is_pressed
        is_pressed = True
        signal.signal(signal.SIGINT, before)

    def watch() -> None:
        if is_shown:
            sys.stderr.write(f"\r\x1b[KMoving: {counted(next(numbers), 'token')} so far; Ctrl+C stops\r")
            sys.stderr.flush()
        if is_pressed:
            raise MoveStopped(STOPPED)

    # Where it is ignored, as in the background of a script, it stays so.
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, stop)
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
