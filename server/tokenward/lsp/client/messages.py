"""Reads the messages of a client: headers, an empty line, and as many bytes as the headers say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from concurrent.futures import Executor
from typing import BinaryIO, Protocol

from tokenward.errors import ConnectionBroken

LONGEST_MESSAGE = 512 * 1024 * 1024
"""In bytes; a client that announces a longer message is broken or hostile."""
LONGEST_LINE = 16 * 1024
MOST_HEADERS = 64
_LENGTH = re.compile(rb"content-length:\s*([0-9]{1,18})\s*", re.IGNORECASE)


class MessageReader(Protocol):
    """A stream to read messages from."""

    async def readline(self) -> bytes:
        """Return the next line with its end; empty at the end of the stream."""

    async def readexactly(self, n: int, /) -> bytes:
        """Return that many bytes."""


class InputReader:
    """Reads a blocking stream in another thread."""

    def __init__(self, stream: BinaryIO, threads: Executor) -> None:
        self._stream = stream
        self._threads = threads

    async def readline(self) -> bytes:
        """Return the next line with its end; a longer one than LONGEST_LINE is cut."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._stream.readline, LONGEST_LINE)

    async def readexactly(self, n: int, /) -> bytes:
        """Return that many bytes, or fewer if the stream ends."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._stream.read, n)


async def bodies(reader: MessageReader) -> AsyncIterator[bytes]:
    """Yield the body of each message until the client disconnects.

    Raises:
        ConnectionBroken: the start of the next message cannot be found.
    """
    while (length := await _length(reader)) is not None:
        try:
            body = await reader.readexactly(length)
        except asyncio.IncompleteReadError:
            return
        if len(body) < length:
            return
        yield body


async def _length(reader: MessageReader) -> int | None:
    """Read the headers of the next message and return its length; None if the client has disconnected."""
    length, headers = None, 0
    while headers < MOST_HEADERS and (line := await _line(reader)):
        if line.strip():
            headers += 1
            match = _LENGTH.fullmatch(line)
            length = int(match[1]) if match else length
        elif headers:
            if length is None:
                raise ConnectionBroken(
                    "The client sent a message without Content-Length; start the server again."
                )
            if length > LONGEST_MESSAGE:
                raise ConnectionBroken(
                    f"The client announced a message of {length} bytes, but at most {LONGEST_MESSAGE} are read; "
                    "start the server again."
                )
            return length
    if headers < MOST_HEADERS:
        return None
    raise ConnectionBroken("The client sent something other than a protocol message; start the server again.")


async def _line(reader: MessageReader) -> bytes:
    try:
        return await reader.readline()
    except ValueError:
        # Raised by asyncio for a line that is too long.
        raise ConnectionBroken("The client sent a header without an end; start the server again.") from None
