"""Queries for rows of the ledger, rows as they are read, and the spelling of times and texts in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tokenward.custody.chain.chain import START, LedgerRow
from tokenward.places import canonical


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Conditions on records; None matches any.

    Attributes:
        event: its value.
        since: the earliest time.
        most: how many at most, the newest; -1 for all.
    """

    event: str | None = None
    workspace: str | None = None
    name: str | None = None
    since: datetime | None = None
    most: int = -1

    def to_query(self) -> dict[str, object]:
        """Return the values of the names in the SQL query."""
        return {
            "event": self.event,
            "workspace": self.workspace,
            "name": self.name,
            "since": self.since and written_time(self.since),
            "most": self.most,
        }


class ChainedRow(NamedTuple):
    """A row with its place in the chain."""

    id: int
    hash: bytes
    previous: bytes
    row: LedgerRow

    @classmethod
    def of(cls, found: Sequence[Any]) -> ChainedRow:
        number, hash_, previous, *content = found
        return cls(number, hash_, previous or START, LedgerRow(*content))


def written_time(time: datetime) -> str:
    """Return a time as it is written in rows, where texts compare as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def written_origin(origin: str) -> str:
    """Return an origin as it is written in rows: a file by its canonical path, anything else unchanged."""
    return storable(canonical(origin))


def storable(text: str) -> str:
    """Return a text with the characters that UTF-8 cannot hold (a path's undecodable bytes) escaped."""
    return text.encode("utf-8", "backslashreplace").decode()
