"""Filters and rows of the ledger, and how times and texts are spelled in them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tokenward.custody.chain.chain import START, LedgerRow
from tokenward.places import canonical
from tokenward.records import dataclass


@dataclass(frozen=True, slots=True)
class RecordQuery:
    """Conditions on records; None matches any.

    Attributes:
        event: the value of an Event.
        since: the earliest time.
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
        return {
            "event": self.event,
            "workspace": self.workspace,
            "name": self.name,
            "since": self.since and written_time(self.since),
            "most": self.most,
            "by_agents": self.by_agents,
        }


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
