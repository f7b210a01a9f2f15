"""Reads the passages of a transcript as a stream, in bounded memory, each with how it got there and when."""

from __future__ import annotations

import json
import os
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib.resources import files
from itertools import groupby
from typing import Any, BinaryIO, NamedTuple

from tokenward.custody.ledger.events import moment_of
from tokenward.errors import TokenwardError
from tokenward.operations.transcripts.databases import rows_of
from tokenward.operations.transcripts.transcript_files import Arrival, Format, TranscriptFile
from tokenward.places import shown
from tokenward.safe_files import is_own, open_regular

_WORDS = tomllib.loads((files("tokenward.operations.transcripts") / "words.toml").read_text("utf-8"))
_ROLES, _TIMES = _WORDS["roles"], _WORDS["times"]
_TOOL_NAMES, _CALL_IDS, _MESSAGE_IDS = _WORDS["tool-names"], _WORDS["call-ids"], _WORDS["message-ids"]
_READING_TOOLS = frozenset(_WORDS["reading-tools"])
_BY_WORD, _BY_KEY = (
    {word: Arrival[origin] for origin, words in _WORDS[table].items() for word in words}
    for table in ("by-word", "by-key")
)
_BY_NUMBER = {1: Arrival.PASTED, 2: Arrival.REPEATED}
"""By the `type` of an object with a `bubbleId`: Cursor's."""
_MOST_CALLS = 10_000
"""The most calls whose tools are remembered."""
_MILLISECONDS = 100_000_000_000
"""Larger times than this are not in seconds."""
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_OF_IDENTITY = re.compile(r"(?:id|sessions?|threads?)\Z", re.IGNORECASE)
_TYPED = re.compile(
    r"^#(?P<bash>\d{9,10})$|^: (?P<zsh>\d{9,10}):\d+;|^  when: (?P<fish>\d{9,10})$"
    r"|^# (?:aider chat started at )?(?P<aider>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)",
    re.MULTILINE,
)
"""The times that shells and aider write between their lines."""
_BY_MARK = {"#### ": Arrival.PASTED, "> ": Arrival.PRINTED}
"""The beginnings of lines in aider's history."""
LARGEST_RECORD = 64 << 20
"""Bytes of a line, of a JSON file or of a database's cell."""
CODING = ("utf-8", "surrogateescape")
PIECE = 1 << 20
"""About the bytes of a text that are searched at once."""
_UNDO = b"Vim\x9fUnDo\xe5"
"""The beginning of Vim's undo file, whose lines follow their lengths."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A text.

    Attributes:
        key: the name that a record gives it; empty for none.
        when: None if the record does not say it.
    """

    text: str = field(repr=False)
    origin: Arrival
    when: datetime | None = None
    key: str = ""


class JsonObject(list[tuple[str, Any]]):
    """A JSON object as its pairs, in the order of the text, with keys that occur twice."""


class _Around(NamedTuple):
    """What the objects around a value say."""

    origin: Arrival
    when: datetime | None
    tool: str
    key: str


class RecordReader:
    """Reads the records of one transcript, in order, and remembers which call was to which tool."""

    def __init__(self, otherwise: Arrival) -> None:
        """Take how a text got there if its record does not say it."""
        self._otherwise = otherwise
        self._tools: dict[str, str] = {}
        self._authors: dict[str, Arrival] = {}

    def passages(self, tree: object) -> list[Passage]:
        """Return the texts of a parsed record, keys included, in the order of its text.

        Raises:
            ValueError: it is too deep.
        """
        found: list[Passage] = []
        try:
            self._walk(tree, _Around(self._otherwise, None, "", ""), found)
        except RecursionError:
            raise ValueError from None
        return found

    def _walk(self, value: object, around: _Around, found: list[Passage]) -> None:
        if isinstance(value, str):
            found.append(Passage(value, around.origin, around.when, around.key))
        elif isinstance(value, JsonObject):
            inside = self._inside(value, around)
            for key, child in value:
                found.append(Passage(key, inside.origin, inside.when))
                # All of a history of prompts was typed, whatever its keys are called.
                is_typed = self._otherwise is Arrival.PASTED
                self._walk(child, inside._replace(key=key) if is_typed else _of_key(key, inside), found)
        elif isinstance(value, list):
            for child in value:
                self._walk(child, around, found)

    def _inside(self, pairs: JsonObject, around: _Around) -> _Around:
        known = dict(pairs)
        origin = next(filter(None, (_origin_in(known, role) for role in _ROLES)), None)
        message = _first_text(known, _MESSAGE_IDS)
        origin = origin or self._authors.get(message) or around.origin
        identity = _first_text(known, _CALL_IDS)
        tool = _first_text(known, _TOOL_NAMES) or self._tools.get(identity, "") or around.tool
        _remember(self._tools, identity, tool)
        data = known.get("data")
        # A message's row says who wrote it; its parts are in rows of their own.
        author = _origin_in(dict(data), "role") if isinstance(data, JsonObject) else None
        _remember(self._authors, _first_text(known, ("id",)), author)
        if origin is Arrival.PRINTED and tool.lower() in _READING_TOOLS:
            origin = Arrival.READ
        when = next(filter(None, (_time_in(known, key) for key in _TIMES)), around.when)
        return _Around(origin, when, tool, "")


def is_identifier(key: str, text: str) -> bool:
    """Return whether a text only names a session, message or call; without it, no session can be continued."""
    return _UUID.fullmatch(text) is not None and _OF_IDENTITY.search(key) is not None


def parse_json(text: str) -> object:
    """Parse JSON into texts, lists and JsonObjects.

    Raises:
        ValueError: it is not JSON, or too deep.
    """
    try:
        return json.loads(text, object_pairs_hook=JsonObject)
    except RecursionError:
        raise ValueError from None


def typed_passages(text: str, otherwise: Passage, *, is_chat: bool) -> Iterator[Passage]:
    """Split whole lines of a history into passages with their times, in order; in a chat, marks say who wrote a line.

    The time of the last one goes on after it.
    """
    end, when = 0, otherwise.when
    for found in _TYPED.finditer(text):
        time = _moment(found[found.lastgroup or 0])
        # fish writes the time below the command.
        before = time if found.lastgroup == "fish" else when
        yield from _marked(text[end : found.start()], replace(otherwise, when=before), is_chat=is_chat)
        end, when = found.start(), time
    yield from _marked(text[end:], replace(otherwise, when=when), is_chat=is_chat)


def _marked(text: str, otherwise: Passage, *, is_chat: bool) -> Iterator[Passage]:
    if not is_chat:
        yield replace(otherwise, text=text)
        return

    def author(line: str) -> Arrival:
        return next((origin for mark, origin in _BY_MARK.items() if line.startswith(mark)), otherwise.origin)

    for origin, lines in groupby(text.splitlines(keepends=True), author):
        yield replace(otherwise, text="".join(lines), origin=origin)


def _of_key(key: str, inside: _Around) -> _Around:
    origin = _BY_KEY.get(key, inside.origin)
    if key == "file" and inside.origin is Arrival.PRINTED:
        origin = Arrival.READ
    if origin is Arrival.PRINTED and inside.tool.lower() in _READING_TOOLS:
        origin = Arrival.READ
    return inside._replace(origin=origin, key=key)


def _first_text(known: dict[str, Any], keys: Iterable[str]) -> str:
    return next((word for key in keys if isinstance(word := known.get(key), str) and word), "")


def _remember(memory: dict[str, Any], key: str, value: object) -> None:
    if key and value:
        memory[key] = value
        if len(memory) > _MOST_CALLS:
            del memory[next(iter(memory))]


def _origin_in(known: dict[str, Any], role: str) -> Arrival | None:
    word = known.get(role)
    if isinstance(word, int) and "bubbleId" in known:
        return _BY_NUMBER.get(word)
    return _BY_WORD.get(word.lower()) if isinstance(word, str) else None


def _time_in(known: dict[str, Any], key: str) -> datetime | None:
    value = known.get(key)
    if isinstance(value, JsonObject):
        inner = dict(value)
        value = inner.get("created", inner.get("start"))
    return _moment(value)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, str) and value.isdigit():
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool) and value > _MILLISECONDS:
        value = value / 1000
    found = moment_of(value) if isinstance(value, str | int | float) else None
    return found if found and found > datetime(2000, 1, 1, tzinfo=UTC) else None


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
