"""The events that the ledger records, and their rows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeAlias

from tokenward.custody.ledger.chain import Row
from tokenward.custody.ledger.reading import written_origin, written_time
from tokenward.model import Fingerprint, Reference

JSON: TypeAlias = "bool | int | float | str | Sequence[JSON] | Mapping[str, JSON] | None"


class Event(StrEnum):
    """What can happen."""

    FOUND = "found"
    WITHDRAWN = "withdrawn"
    MOVE_STARTED = "move_started"
    STORED = "stored"
    MOVED = "moved"
    MOVE_DECLINED = "move_declined"
    MOVE_UNDONE = "move_undone"
    RESTORED = "restored"
    PUT = "put"
    REMOVED = "removed"
    RENAME_STARTED = "rename_started"
    RENAMED = "renamed"
    RENAME_UNDONE = "rename_undone"
    RESOLVED = "resolved"
    REFUSED = "refused"
    LEASED = "leased"
    EXPIRED = "expired"
    ERASED = "erased"
    IGNORED = "ignored"
    BOUND = "bound"
    UNBOUND = "unbound"
    CHECKED = "checked"
    REVOCATION_STARTED = "revocation_started"
    REVOKED = "revoked"
    REVOCATION_REFUSED = "revocation_refused"
    REVOCATION_UNKNOWN = "revocation_unknown"
    REVOCATION_NOT_SENT = "revocation_not_sent"
    PRUNED = "pruned"


@dataclass(frozen=True, slots=True)
class Happening:
    """Something to be recorded; `move` is the id of the move that it belongs to."""

    event: Event
    reference: Reference | None = None
    fingerprint: Fingerprint | None = None
    origin: str | None = None
    move: int | None = None
    detail: Mapping[str, JSON] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Record:
    """One thing that happened; `move` is the id of the move, or the revocation, that it belongs to."""

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
    """A move whose process ended in the middle; once `stored`, the vault holds the value."""

    id: int
    time: datetime
    reference: Reference
    fingerprint: Fingerprint
    origin: str
    pid: int
    detail: Mapping[str, JSON]
    stored: bool


def row_of(happening: Happening, process: int | None = None) -> Row:
    """The row that is written now; `process` marks the one that announces it."""
    reference, origin = happening.reference, happening.origin
    return Row(
        written_time(datetime.now(UTC)),
        happening.event.value,
        reference.workspace if reference else None,
        reference.name if reference else None,
        happening.fingerprint,
        origin and written_origin(origin),
        os.getpid(),
        process,
        happening.move,
        json.dumps(happening.detail),
    )
