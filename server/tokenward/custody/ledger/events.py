"""The events that the ledger records, their rows, and how times and texts are spelled in them; filters of rows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, NamedTuple, TypeAlias

from tokenward.custody.chain.chain import START, LedgerRow
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Finding, Fingerprint, Reference
from tokenward.places import canonical

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class Event(StrEnum):
    """A kind of event in the life of a token or a workspace."""

    FOUND = "found"
    WITHDRAWN = "withdrawn"
    MOVE_STARTED = "move_started"
    STORED = "stored"
    MOVED = "moved"
    MOVE_DECLINED = "move_declined"
    MOVE_UNDONE = "move_undone"
    RESTORED = "restored"
    PUT_STARTED = "put_started"
    PUT = "put"
    PUT_UNDONE = "put_undone"
    REPLACE_STARTED = "replace_started"
    REPLACED = "replaced"
    REPLACE_UNDONE = "replace_undone"
    REMOVED = "removed"
    RENAME_STARTED = "rename_started"
    RENAMED = "renamed"
    RENAME_UNDONE = "rename_undone"
    RESOLVED = "resolved"
    REFUSED = "refused"
    LEASED = "leased"
    IGNORED = "ignored"
    BOUND = "bound"
    UNBOUND = "unbound"
    CREDENTIAL_ADDED = "credential_added"
    CREDENTIAL_REMOVED = "credential_removed"
    CHECKED = "checked"
    REVOCATION_STARTED = "revocation_started"
    REVOKED = "revoked"
    REVOCATION_REFUSED = "revocation_refused"
    REVOCATION_UNKNOWN = "revocation_unknown"
    REVOCATION_NOT_SENT = "revocation_not_sent"
    REDACTION_STARTED = "redaction_started"
    REDACTED = "redacted"
    REDACTION_UNDONE = "redaction_undone"
    PART_HIDDEN = "part_hidden"
    WITHHELD = "withheld"
    LIFTED = "lifted"
    PRUNED = "pruned"
    UNKNOWN = "unknown"
    """What a newer Tokenward recorded, which this one does not know."""


@dataclass(frozen=True, slots=True)
class NewRecord:
    """A record to add; `move` is the id of its move."""

    event: Event
    reference: Reference | None = None
    fingerprint: Fingerprint | None = None
    origin: str | None = None
    move: int | None = None
    detail: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """An event as it was recorded; `move` is the id of its move or revocation."""

    id: int
    time: datetime
    event: Event
    reference: Reference | None
    fingerprint: Fingerprint | None
    origin: str | None
    pid: int
    move: int | None
    detail: Mapping[str, JSON]


@dataclass(frozen=True, slots=True)
class OpenMove:
    """An unfinished move of a dead process."""

    id: int
    reference: Reference
    fingerprint: Fingerprint
    origin: str
    detail: Mapping[str, JSON]


def row_of(record: NewRecord, process: int | None = None) -> LedgerRow:
    """Return the row to write now; `process` is the marker of the process that announces an action, if any."""
    reference, origin = record.reference, record.origin
    return LedgerRow(
        written_time(datetime.now(UTC)),
        record.event.value,
        reference.workspace if reference else None,
        reference.name if reference else None,
        record.fingerprint,
        origin and written_origin(origin),
        os.getpid(),
        process,
        record.move,
        json.dumps(record.detail),
    )


def text_of(detail: Mapping[str, JSON], name: str) -> str:
    """Return a text in a record's detail; empty if absent."""
    text = detail.get(name)
    return text if isinstance(text, str) else ""


def texts_of(detail: Mapping[str, JSON], name: str) -> Sequence[str]:
    """Return the texts of a list in a record's detail; empty if absent."""
    texts = detail.get(name)
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list | tuple) else []


def added_lines(record: Record) -> dict[str, Mapping[str, JSON]]:
    """Return what a move, or what stored a token, added to environment files, by their names."""
    added = record.detail.get("added")
    files = added.items() if isinstance(added, Mapping) else ()
    return {name: fields for name, fields in files if isinstance(fields, Mapping)}


def moment_of(written: JSON) -> datetime | None:
    """Return a time in a record's detail, given as seconds since 1970 or in ISO 8601; None for anything else."""
    try:
        if isinstance(written, str):
            read = datetime.fromisoformat(written)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        if isinstance(written, int | float) and not isinstance(written, bool):
            return datetime.fromtimestamp(written, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None


def finding_facts(finding: Finding) -> dict[str, JSON]:
    """Return the details that `custody.ledger.histories` reads; none contains a part of the value."""
    times = {"issued": finding.claims.issued, "expires": finding.claims.expires}
    return {
        "rule": finding.rule,
        "provider": finding.provider,
        "label": finding.label,
        "traces": finding.traces,
        **{name: time for name, time in times.items() if time is not None},
    }


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Conditions on records; None matches any.

    Attributes:
        event: the value of an Event.
        most: the number of newest records; -1 for all.
        by_agents: only what AI agents, or programs that may hide one, asked for.
    """

    event: str | None = None
    workspace: str | None = None
    name: str | None = None
    since: datetime | None = None
    most: int = -1
    by_agents: bool = False

    def to_query(self) -> dict[str, object]:
        """Return the parameters of the SQL query."""
        return {**asdict(self), "since": self.since and written_time(self.since)}


class ChainedRow(NamedTuple):
    """A row with its number and its hashes in the chain."""

    id: int
    hash: bytes
    previous: bytes
    row: LedgerRow

    @classmethod
    def of(cls, found: Sequence[Any]) -> ChainedRow:
        """Create a row from the columns of a query."""
        number, hash_, previous, *content = found
        return cls(number, hash_, previous or START, LedgerRow(*content))


def written_time(time: datetime) -> str:
    """Return a time as it is written in rows, where texts sort like times."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def written_origin(origin: str) -> str:
    """Return an origin as it is written in rows: the canonical path of a file, anything else unchanged."""
    return storable(canonical(origin))


def storable(text: str) -> str:
    """Escape the characters of a text that UTF-8 cannot encode, such as a path's undecodable bytes."""
    return text.encode("utf-8", "backslashreplace").decode()
