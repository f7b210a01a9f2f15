"""Reads the access log of a provider, and converts each record to the use of a token.

Records are read in bounded memory, however large or broken the file is. Their fields are documented here: GitHub,
"Identifying audit log events performed by an access token" and the audit log's REST API (`hashed_token`, `action`,
`actor_ip`, `@timestamp` and `created_at` in milliseconds); AWS, "CloudTrail record contents" and `LookupEvents` (which
wraps each record as the text `CloudTrailEvent`); GitLab, "Audit event schema" and the audit events API.

Three forms are read: one object per line; an array of objects; an object whose first key has such an array, like
CloudTrail's `Records`. Each may be compressed with gzip. For a log in any other format, a mapping file names the
fields, and the names of tokens in logs:

time = "ts"
address = "client.ip"
action = "request.path"
token = "auth.key_hash"
token-is = "sha256-hex"

[names]
"keyring://acme-api/GITLAB_TOKEN" = ["gitlab-user:4711"]
"""

from __future__ import annotations

import gzip
import io
import ipaddress
import json
import os
import re
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from tokenward.errors import SettingsError, TokenwardError
from tokenward.model import Reference, references_in
from tokenward.places import shown
from tokenward.safe_files import NotRegular, open_regular
from tokenward.setting_files import user_table

LONGEST_RECORD = 4 * 1024 * 1024
"""The most bytes of an object or line; a longer one is left out."""
MOST_UNPACKED = 16 * 1024**3
"""The most decompressed bytes of a file; the rest is left out."""
_PORTION = 256 * 1024
_GZIP = b"\x1f\x8b"
_WRAPPED = re.compile(rb'\s*(?:\{\s*"(?:Records|Events)"\s*:\s*)?\[')
_BETWEEN = re.compile(r"[\s,]*")
_DECODER = json.JSONDecoder()
_MILLISECONDS = 1e11
"""From this number on, seconds would mean a year after 5000, so they must be milliseconds."""
_SERVICE = re.compile(r"[a-z0-9.-]{1,80}\.amazonaws\.com|AWS Internal")
_LONGEST_ACTION = 80
_PLAIN_WORD = re.compile(r"[A-Za-z_.:/*-]{1,48}|[\w.:/*-]{1,18}|[A-Za-z:.]{1,60}20\d{6}(?:v\d)?", re.ASCII)
_FIELDS = ("time", "address", "action", "token")


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


class TokenNaming(StrEnum):
    """The kind of identifier with which a log names a token."""

    SHA256_BASE64 = "sha256-base64"
    SHA256_HEX = "sha256-hex"
    ID = "id"
    VALUE = "value"
    GITLAB_USER = "gitlab-user"
    """The user for whom the token acts; another of the user's tokens may have been used."""


@dataclass(frozen=True, slots=True)
class LogUse:
    """A use, as recorded in a log.

    Attributes:
        provider: the log's provider, spelled as in a Finding; empty for a log in the user's own format.
        raw_address: where it came from, as written.
        raw_action: what was done, as written.
        naming: the kind of `name`.
        name: the identifier of the token; empty if the record names none.
    """

    provider: str
    time: datetime | None
    raw_address: Any
    raw_action: Any
    naming: TokenNaming
    name: str
    failed: bool = False

    # Nearly all records are irrelevant, so these are computed only on demand.
    @property
    def address(self) -> str:
        """Return an IP address, or the name of one of the provider's services; empty if unknown."""
        return address_of(self.raw_address)

    @property
    def action(self) -> str:
        """Return what was done, without possible tokens."""
        return action_of(self.raw_action)


RecordReader = Callable[[Mapping[str, Any]], "LogUse | None"]


def log_use(record: Mapping[str, Any]) -> LogUse | None:
    """Return the use that a record describes; None if it is not from a known log."""
    if isinstance(record.get("CloudTrailEvent"), str):
        record = json_object(record["CloudTrailEvent"]) or {}
    reader = next((read for key, read in _READERS.items() if all(name in record for name in key)), None)
    return reader(record) if reader else None


def _cloudtrail(record: Mapping[str, Any]) -> LogUse:
    service = text_of(record["eventSource"]).removesuffix(".amazonaws.com")
    return LogUse(
        provider="AWS",
        time=time_of(record.get("eventTime")),
        raw_address=record.get("sourceIPAddress"),
        raw_action=f"{service}:{text_of(record['eventName'])}",
        naming=TokenNaming.ID,
        name=text_of(field_of(record, "userIdentity.accessKeyId")),
        failed=bool(record.get("errorCode")),
    )


def _github(record: Mapping[str, Any]) -> LogUse:
    return LogUse(
        provider="GitHub",
        time=time_of(record.get("@timestamp")) or time_of(record.get("created_at")),
        raw_address=record.get("actor_ip"),
        raw_action=record["action"],
        naming=TokenNaming.SHA256_BASE64,
        name=text_of(record.get("hashed_token")),
    )


def _gitlab(record: Mapping[str, Any]) -> LogUse:
    author = text_of(record["author_id"])
    # Negative ids are not users but an unauthenticated request or a deploy key.
    return LogUse(
        provider="GitLab",
        time=time_of(record.get("created_at")),
        raw_address=record.get("ip_address") or field_of(record, "details.ip_address"),
        raw_action=record.get("event_type") or "audit event",
        naming=TokenNaming.GITLAB_USER,
        name=author if author.isascii() and author.isdecimal() else "",
    )


_READERS: Mapping[tuple[str, ...], RecordReader] = {
    ("eventSource", "eventName"): _cloudtrail,
    ("author_id", "entity_type"): _gitlab,
    ("action", "hashed_token"): _github,
    ("action", "@timestamp"): _github,
    ("action", "actor", "created_at"): _github,
}


def field_of(record: Mapping[str, Any], path: str) -> Any:
    """Return the value at a dotted path, or None."""
    found: Any = record
    for name in path.split("."):
        found = found.get(name) if isinstance(found, dict) else None
    return found


def text_of(value: Any) -> str:
    """Return a text or an integer as text; empty for anything else."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return value if isinstance(value, str) else str(value)[:40] if is_number and abs(value) < 10**30 else ""


def time_of(value: Any) -> datetime | None:
    """Parse a time in ISO 8601, or in seconds or milliseconds since 1970; None for anything else."""
    try:
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip()[:40].upper().removesuffix("UTC").rstrip())
            return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return datetime.fromtimestamp(value / 1000 if value >= _MILLISECONDS else value, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def address_of(value: Any) -> str:
    """Return an IP address in its shortest form, or an AWS service; empty for anything else, which is not shown."""
    text = text_of(value).strip()[:80]
    if _SERVICE.fullmatch(text):
        return text
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return ""
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return str(mapped or address).partition("%")[0]


def action_of(value: Any) -> str:
    """Return an action with `…` for each word that may contain a token."""
    words = text_of(value)[: 4 * _LONGEST_ACTION].split()
    plain = " ".join(word if _PLAIN_WORD.fullmatch(word) else "…" for word in words)
    return plain if len(plain) <= _LONGEST_ACTION else f"{plain[: _LONGEST_ACTION - 1]}…"


_KINDS = [kind.value for kind in TokenNaming if kind is not TokenNaming.GITLAB_USER]


@dataclass(frozen=True, slots=True)
class LogMapping:
    """The format of logs.

    Attributes:
        paths: the dotted path of each field; empty for logs in known formats.
        naming: the kind of identifier at the token's path.
        names: additional identifiers of stored tokens in logs.
    """

    paths: Mapping[str, str] = field(default_factory=dict)
    naming: TokenNaming = TokenNaming.ID
    names: Mapping[Reference, tuple[str, ...]] = field(default_factory=dict)

    def read(self, record: Mapping[str, Any]) -> LogUse | None:
        """Return the use that a record describes; None if it is of no known log."""
        if not self.paths:
            return log_use(record)
        found = {name: field_of(record, path) for name, path in self.paths.items()}
        return LogUse(
            provider="",
            time=time_of(found.get("time")),
            raw_address=found.get("address"),
            raw_action=found.get("action") or "use",
            naming=self.naming,
            name=text_of(found.get("token")),
        )


def read_mapping(path: Path) -> LogMapping:
    """Read a mapping file.

    Raises:
        TokenwardError: it cannot be used; the message says why.
    """
    try:
        return _mapping(user_table(path))
    except OSError as error:
        reason = f"cannot be read ({error.strerror}); check the path and its permissions"
    except SettingsError as error:
        reason = str(error)
    raise TokenwardError(f"{shown(path)} {reason}.")


def _mapping(table: Mapping[str, object]) -> LogMapping:
    unknown = sorted(set(table) - {*_FIELDS, "token-is", "names"})
    if unknown:
        raise SettingsError(
            f"has an unknown key; a mapping may have {', '.join(_FIELDS)}, token-is and names"
        )
    paths = {name: path for name in _FIELDS if isinstance(path := table.get(name), str) and path}
    if paths and not {"time", "token"} <= set(paths):
        raise SettingsError(
            "does not say where the time and the token are; set `time` and `token`, each to a dotted path"
        )
    kind = table.get("token-is", "")
    if paths and kind not in _KINDS:
        raise SettingsError(
            f"does not say what the token's field contains; set `token-is` to one of {', '.join(_KINDS)}"
        )
    return LogMapping(
        paths, TokenNaming(str(kind)) if paths else TokenNaming.ID, _names(table.get("names", {}))
    )


def _names(table: object) -> Mapping[Reference, tuple[str, ...]]:
    names: dict[Reference, tuple[str, ...]] = {}
    for written, given in table.items() if isinstance(table, dict) else [("", None)]:
        references = [reference for _, reference in references_in(str(written)) if str(reference) == written]
        if not references or not isinstance(given, list) or not all(isinstance(name, str) for name in given):
            raise SettingsError(
                'has names that cannot be read; write `"keyring://WORKSPACE/NAME" = ["what logs call it"]`'
            )
        names[references[0]] = tuple(given)
    return names
