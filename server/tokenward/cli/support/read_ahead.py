"""Reading a descriptor in a way that notices pauses, so that output can be passed on without waiting for more."""

from __future__ import annotations

import os
import queue
import select
from collections.abc import Callable, Iterator
from enum import Enum, auto
from threading import Thread

CHUNK_BYTES = 65_536
"""The most that is read at once."""
SILENCE_SECONDS = 0.25
_INTERRUPTIBLE_SECONDS = 0.5

ChunkReader = Callable[["float | None"], "bytes | None"]
"""Takes the seconds to wait, None for no limit; returns the input, b"" at the end, or None if nothing arrived."""


class Pause(Enum):
    """A pause in the input."""

    SHORT = auto()
    """No more input is pending."""
    LONG = auto()
    """No input arrived for SILENCE_SECONDS."""


def chunks_and_pauses(read: ChunkReader) -> Iterator[bytes | Pause]:
    """Yield all input, and each pause once when it begins and once when it becomes long."""
    data: bytes | None = None
    while data != b"":
        data = read(0)
        if data is None:
            yield Pause.SHORT
            data = read(SILENCE_SECONDS)
        if data is None:
            yield Pause.LONG
            data = read(None)
        if data:
            yield data


def reader_for(descriptor: int) -> ChunkReader:
    """Return a reader for a descriptor of any kind; in a regular file, input is always pending."""
    return threaded_reader(descriptor) if os.name == "nt" else polling_reader(descriptor)


def polling_reader(descriptor: int) -> ChunkReader:
    """Return a reader for systems that can tell whether input is pending."""

    def read(seconds: float | None) -> bytes | None:
        if not select.select([descriptor], [], [], seconds)[0]:
            return None
        try:
            return os.read(descriptor, CHUNK_BYTES)
        except BlockingIOError:  # another reader was quicker
            return None

    return read


def threaded_reader(descriptor: int) -> ChunkReader:
    """Return a reader for input on which only a thread can wait, such as a Windows pipe."""
    chunks: queue.Queue[bytes | OSError] = queue.Queue(maxsize=4)
    Thread(target=_read_all, args=(descriptor, chunks), name="tokenward-input", daemon=True).start()

    def read(seconds: float | None) -> bytes | None:
        while True:
            try:
                # On Windows, Ctrl-C does not interrupt a wait without a time limit.
                data = chunks.get(timeout=_INTERRUPTIBLE_SECONDS if seconds is None else max(seconds, 1e-3))
            except queue.Empty:
                if seconds is not None:
                    return None
            else:
                if isinstance(data, OSError):
                    raise data
                return data

    return read


def _read_all(descriptor: int, chunks: queue.Queue[bytes | OSError]) -> None:
    data = b"-"
    while data:
        try:
            data = os.read(descriptor, CHUNK_BYTES)
        except OSError as error:
            chunks.put(error)
            return
        chunks.put(data)
