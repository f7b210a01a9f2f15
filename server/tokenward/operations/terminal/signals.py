"""Signals as bytes of a pipe, so that a loop waits for them as for everything else."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Iterator
from contextlib import contextmanager


@contextmanager
def caught(needed: Iterable[int], others: Iterable[int]) -> Iterator[int]:
    """Catch signals; gives a descriptor from which the number of each is read as a byte.

    Args:
        needed: are caught in any case.
        others: unless somebody, such as `nohup`, had them ignored.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    numbers = [*needed, *(number for number in others if signal.getsignal(number) != signal.SIG_IGN)]
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield reading
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)
