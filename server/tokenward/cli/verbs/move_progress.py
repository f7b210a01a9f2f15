"""The progress of a move on a terminal, and its end after Ctrl+C."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tokenward.phrases import counted


@contextmanager
def move_progress() -> Iterator[Callable[[], bool]]:
    """Yield a function to call after each token: it shows their number, and returns whether Ctrl+C was pressed.

    A second Ctrl+C ends the command at once.
    """
    is_pressed, done = False, 0
    before = signal.getsignal(signal.SIGINT)
    is_terminal = sys.stderr is not None and sys.stderr.isatty()

    def stop(*_: object) -> None:
        nonlocal is_pressed
        is_pressed = True
        signal.signal(signal.SIGINT, before)
        if is_terminal:
            # A handler may interrupt a write to the stream itself.
            os.write(2, b"\nStopping after the tokens under way; press Ctrl+C again to stop at once.\n")

    def watch() -> bool:
        nonlocal done
        done += 1
        if is_terminal and not is_pressed:
            # It only gets longer, so it covers the one before it.
            sys.stderr.write(f"\rMoving: {counted(done, 'token')} so far; Ctrl+C stops\r")
            sys.stderr.flush()
        return is_pressed

    # Where it is ignored, as in the background of a script, it stays so.
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, stop)
    try:
        yield watch
    finally:
        signal.signal(signal.SIGINT, before)
