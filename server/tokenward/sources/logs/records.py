"""Reads the JSON objects of an access log one by one in bounded memory, however large or broken the file is.

Three forms are read: one object per line; an array of objects; an object whose first key has such an array, like
CloudTrail's `Records`. Each may be compressed with gzip.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.safe_files import NotRegular, open_regular

LONGEST_RECORD = 4 * 1024 * 1024
"""The most bytes of an object or line; a longer one is left out."""
MOST_UNPACKED = 16 * 1024**3
"""The most decompressed bytes of a file; the rest is left out."""

_PORTION = 256 * 1024
_GZIP = b"\x1f\x8b"
_WRAPPED = re.compile(rb'\s*(?:\{\s*"(?:Records|Events)"\s*:\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()


@dataclass(slots=True)
class ReadProgress:
    """The progress of reading a file.

    Attributes:
        records: the number of objects.
        broken: the number of lines or entries that were not objects, or too long.
        stopped: why the rest was not read, to follow the file's name in a sentence; empty if everything was.
    """

    records: int = 0
    broken: int = 0
    stopped: str = ""


def read_records(path: Path, reading: ReadProgress) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of a log, and count them.

    Raises:
        TokenwardError: it cannot be opened, or is not a file.
    """
    with _opened(path) as file:
        try:
            for record in _records(file, reading):
                reading.records += 1
                yield record
        except (EOFError, zlib.error, gzip.BadGzipFile):
            reading.stopped = "is damaged, so the rest of it was not read"
        except OSError as error:
            reading.stopped = f"could not be read to its end ({error.strerror})"


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    try:
        descriptor, _ = open_regular(path, follow_links=True)
    except NotRegular:
        raise TokenwardError(f"{shown(path)} is not a file; name the log's files.") from None
    except OSError as error:
        raise TokenwardError(f"{shown(path)} cannot be read ({error.strerror}); check the file.") from None
    with os.fdopen(descriptor, "rb") as file:
        if file.peek(2)[:2] == _GZIP:
            with gzip.GzipFile(fileobj=file) as unpacked:
                yield io.BufferedReader(_Limited(unpacked), _PORTION)
        else:
            yield file


class _Limited(io.RawIOBase):
    """A decompressed file, up to MOST_UNPACKED, so that a small file cannot keep us reading forever."""

    def __init__(self, inner: gzip.GzipFile) -> None:
        self._inner = inner
        self._left = MOST_UNPACKED

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        content = self._inner.read(min(len(buffer), self._left))
        if not content and not self._left:
            raise OSError(0, f"more than {MOST_UNPACKED // 1024**3} GiB unpacked")
        buffer[: len(content)] = content
        self._left -= len(content)
        return len(content)


def _records(file: BinaryIO, reading: ReadProgress) -> Iterator[Mapping[str, Any]]:
    start = file.peek(_PORTION)[:_PORTION] if isinstance(file, io.BufferedReader) else b""
    wrapped = _WRAPPED.match(start.removeprefix(b"\xef\xbb\xbf"))
    if wrapped is None:
        yield from _of_lines(file, reading)
    else:
        file.read(wrapped.end() + 3 * start.startswith(b"\xef\xbb\xbf"))
        yield from _of_array(file, reading)


def _of_lines(file: BinaryIO, reading: ReadProgress) -> Iterator[Mapping[str, Any]]:
    while line := file.readline(LONGEST_RECORD + 1):
        if len(line) > LONGEST_RECORD:
            while line and not line.endswith(b"\n"):
                line = file.readline(LONGEST_RECORD)
            reading.broken += 1
        elif stripped := line.strip(b" \t\r\n\xef\xbb\xbf\0"):
            record = json_object(stripped.decode("utf-8", "replace"))
            if record is None:
                reading.broken += 1
            else:
                yield record


def json_object(text: str) -> Mapping[str, Any] | None:
    """Parse a JSON object; return None for any other text."""
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return record if isinstance(record, dict) else None


def _of_array(file: BinaryIO, reading: ReadProgress) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of an array whose bracket has been read, up to the first invalid one."""
    text, at = io.TextIOWrapper(file, "utf-8", "replace", newline=""), 0
    buffer = text.read(_PORTION)
    while True:
        match = _BETWEEN.match(buffer, at)
        start = match.end() if match else at
        if start < len(buffer) and buffer[start] == "]":
            return
        try:
            record, end = _DECODER.raw_decode(buffer, start)
        except (ValueError, RecursionError):
            more = text.read(_PORTION) if len(buffer) - start <= LONGEST_RECORD else ""
            if not more:
                reading.broken += 1
                reading.stopped = "is truncated or not valid JSON, so the rest of it was not read"
                return
            buffer, at = buffer[start:] + more, 0
            continue
        at = end
        if isinstance(record, dict):
            yield record
        else:
            reading.broken += 1
