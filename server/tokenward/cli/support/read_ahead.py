"""What comes in on a descriptor, and when nothing does, so that who waits for the other end is not kept waiting."""

from __future__ import annotations

import os
import queue
import select
from collections.abc import Callable, Iterator
from enum import Enum, auto
from threading import Thread

PORTION = 65_536
"""Bytes that are read at once."""
SILENCE_SECONDS = 0.25
_INTERRUPTIBLE_SECONDS = 0.5

Reading = Callable[["float | None"], "bytes | None"]
"""Takes how many seconds to wait, None for as long as it takes; gives what came, no bytes at the end, or else None."""


class Pause(Enum):
    """That nothing came."""

    SHORT = auto()
    """Nothing more is waiting."""
    LONG = auto()
    """Nothing came for SILENCE_SECONDS."""


def arrivals(reading: Reading) -> Iterator[bytes | Pause]:
    """All that comes, with each pause told as it begins and once more when it has lasted."""
    data: bytes | None = None
    while data != b"":
        data = reading(0)
        if data is None:
            yield Pause.SHORT
            data = reading(SILENCE_SECONDS)
        if data is None:
            yield Pause.LONG
            data = reading(None)
        if data:
            yield data


def reading_of(descriptor: int) -> Reading:
    """How a descriptor of any kind is read; of a regular file something is always waiting."""
    return threaded(descriptor) if os.name == "nt" else polled(descriptor)


def polled(descriptor: int) -> Reading:
    """Reading where the system says whether something is waiting."""

    def reading(seconds: float | None) -> bytes | None:
        if not select.select([descriptor], [], [], seconds)[0]:
            return None
        try:
            return os.read(descriptor, PORTION)
        except BlockingIOError:  # another reader was quicker
            return None

    return reading


def threaded(descriptor: int) -> Reading:
    """Reading where only a thread can wait, as for pipes of Windows."""
    came: queue.Queue[bytes | OSError] = queue.Queue(maxsize=4)
    Thread(target=_read_all, args=(descriptor, came), name="tokenward-input", daemon=True).start()

    def reading(seconds: float | None) -> bytes | None:
        while True:
            try:
                # Ctrl-C ends no wait without a limit on Windows.
                data = came.get(timeout=_INTERRUPTIBLE_SECONDS if seconds is None else max(seconds, 1e-3))
            except queue.Empty:
                if seconds is not None:
                    return None
            else:
                if isinstance(data, OSError):
                    raise data
                return data

    return reading


def _read_all(descriptor: int, came: queue.Queue[bytes | OSError]) -> None:
    data = b"-"
    while data:
        try:
            data = os.read(descriptor, PORTION)
        except OSError as error:
            came.put(error)
            return
        came.put(data)
