"""Reads the passages of a transcript as a stream, in bounded memory."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import BinaryIO, NamedTuple

from tokenward.errors import TokenwardError
from tokenward.operations.transcripts.databases import rows_of
from tokenward.operations.transcripts.files import TranscriptFile
from tokenward.operations.transcripts.passages import (
    JsonObject,
    Passage,
    RecordReader,
    parse_json,
    typed_passages,
)
from tokenward.operations.transcripts.rows import Format
from tokenward.places import shown
from tokenward.safe_files import is_own, open_regular

LARGEST_RECORD = 64 << 20
"""Bytes of a line, of a JSON file or of a database's cell."""
CODING = ("utf-8", "surrogateescape")
PIECE = 1 << 20
"""About the bytes of a text that are searched at once."""
_UNDO = b"Vim\x9fUnDo\xe5"
"""The beginning of Vim's undo file, whose lines follow their lengths."""


class PlacedPassage(NamedTuple):
    """A passage and its line from 1, or its row in a database; 0 if that says nothing."""

    line: int
    passage: Passage


def read_passages(file: TranscriptFile) -> Iterator[PlacedPassage]:
    """Yield the passages of a file.

    Raises:
        TokenwardError: it cannot be read, or not to its end.
    """
    try:
        with opened(file) as stream:
            written = datetime.fromtimestamp(os.fstat(stream.fileno()).st_mtime, UTC)
            for line, passage in _passages(file, stream):
                yield PlacedPassage(line, passage if passage.when else replace(passage, when=written))
    except OSError as error:
        raise TokenwardError(
            f"{shown(file.path)} cannot be read ({error.strerror or type(error).__name__})."
        ) from None


def opened(file: TranscriptFile) -> BinaryIO:
    """Open a file to be read; neither a link nor a FIFO nor another user's file.

    Raises:
        OSError: it cannot be opened.
    """
    descriptor, status = open_regular(file.path)
    if not is_own(status):
        os.close(descriptor)
        raise PermissionError(1, "it belongs to another user")
    return os.fdopen(descriptor, "rb")


def too_long(file: TranscriptFile, what: str) -> TokenwardError:
    """Return the error for a record that is too large to be read at once."""
    return TokenwardError(
        f"{shown(file.path)} has {what} of more than {LARGEST_RECORD:,} bytes, which was not read."
    )


def _passages(file: TranscriptFile, stream: BinaryIO) -> Iterator[tuple[int, Passage]]:
    match file.row.format:
        case Format.LINES:
            yield from _of_lines(file, stream)
        case Format.JSON:
            data = stream.read(LARGEST_RECORD + 1)
            if len(data) > LARGEST_RECORD:
                raise too_long(file, "content")
            yield from (
                (0, one) for one in _of_record(RecordReader(file.row.origin), data.decode(*CODING), file)
            )
        case Format.SQLITE:
            yield from _of_database(file)
        case _:
            yield from _of_text(file, stream)


def _of_lines(file: TranscriptFile, stream: BinaryIO) -> Iterator[tuple[int, Passage]]:
    reader, number = RecordReader(file.row.origin), 0
    while line := stream.readline(LARGEST_RECORD + 1):
        number += 1
        if len(line) > LARGEST_RECORD:
            raise too_long(file, "a line")
        yield from ((number, one) for one in _of_record(reader, line.decode(*CODING), file))


def _of_record(reader: RecordReader, text: str, file: TranscriptFile) -> list[Passage]:
    try:
        return reader.passages(parse_json(text))
    except ValueError:
        return [Passage(text, file.row.origin)]


def _of_text(file: TranscriptFile, stream: BinaryIO) -> Iterator[tuple[int, Passage]]:
    last, line = Passage("", file.row.origin), 1
    while data := stream.read(PIECE):
        data += stream.readline(PIECE)
        if file.row.format is Format.BINARY:
            yield 0, Passage(_lines_of(data), file.row.origin)
            continue
        for passage in typed_passages(data.decode(*CODING), last, is_chat=file.row.format is Format.CHAT):
            last = Passage("", file.row.origin, passage.when)
            yield line, passage
            line += passage.text.count("\n")


def _lines_of(data: bytes) -> str:
    """Return the lines of Vim's blocks, without the numbers between them."""
    if data.startswith(_UNDO):
        parts = data.split(b"\0\0")
        data = b"\n".join(part[2:] if at else part for at, part in enumerate(parts))
    return data.replace(b"\0", b"\n").decode(*CODING)


def _of_database(file: TranscriptFile) -> Iterator[tuple[int, Passage]]:
    reader = RecordReader(file.row.origin)
    for number, cells in rows_of(file.path, LARGEST_RECORD):
        pairs = JsonObject((name, _parsed(value)) for name, value in cells)
        try:
            yield from [(number, one) for one in reader.passages(pairs)]
        except ValueError:
            yield from [(number, Passage(str(value), file.row.origin)) for _, value in cells]


def _parsed(value: object) -> object:
    """Return what a cell holds: the JSON in it, or its text."""
    if isinstance(value, bytes):
        try:
            value = value.decode()
        except UnicodeDecodeError:
            return None
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return parse_json(value)
        except ValueError:
            return value
    return value
