"""How rows of the ledger are asked for and given out, and how times and texts are spelled in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from tokenward.custody.ledger.chain import START, Row
from tokenward.places import canonical


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records somebody wants to see; None wants any.

    Attributes:
        event: its value.
        since: not older.
        most: how many, of the newest.
    """

    event: str | None = None
    workspace: str | None = None
    name: str | None = None
    since: datetime | None = None
    most: int = -1

    def to_query(self) -> dict[str, object]:
        """The values that the query has names for."""
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
    row: Row

    @classmethod
    def of(cls, found: Sequence[Any]) -> ChainedRow:
        """The row that was found."""
        number, hash_, previous, *content = found
        return cls(number, hash_, previous or START, Row(*content))


def written_time(time: datetime) -> str:
    """A time as rows have it, so that texts compare as times do."""
    return time.astimezone(UTC).isoformat(timespec="microseconds")


def written_origin(origin: str) -> str:
    """An origin as rows have it: a file by its one spelling, and anything else as it is called."""
    return storable(canonical(origin))


def storable(text: str) -> str:
    """The text, with what UTF-8 cannot hold (a path's undecodable bytes) spelled out."""
    return text.encode("utf-8", "backslashreplace").decode()
