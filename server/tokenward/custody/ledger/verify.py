"""Whether the ledger is what was written: each row, their order, and the end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from tokenward.custody.ledger.chain import COLUMNS, NO_EVENT, START, Link, Row, linked
from tokenward.custody.ledger.retention import PRUNED, listed
from tokenward.custody.ledger.schema import LEDGER_TRIGGERS

MOST_FAULTS = 100


class Fault(NamedTuple):
    """Something that is not as it was written; `row` is 0 for what is about no single row."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of looking at the whole ledger.

    Attributes:
        rows: how many there are.
        emptied: of how many of them the content was removed, as the retention wants it.
        faults: the first of what is wrong, in order.
        has_end: it is known where the ledger ended, so that rows cut off there show.
    """

    rows: int
    emptied: int
    faults: tuple[Fault, ...]
    has_end: bool


def verify(connection: sqlite3.Connection, end: Link | None) -> Verdict:
    """Look at every row; `end` is what was noted of the last one before the transaction began."""
    # What is no UTF-8 is a change like any other.
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    walk = _Walk(end)
    for number, hash_, *content in connection.execute(_ALL):
        walk.take(number, hash_, Row(*content))
    walk.finish()
    faults = [*_table_faults(connection), *sorted(walk.faults, key=lambda fault: fault.row)]
    return Verdict(walk.count, walk.emptied, tuple(faults[:MOST_FAULTS]), end is not None)


class _Walk:
    """Goes along the chain; after a fault each row is judged by the hash that stands before it."""

    def __init__(self, end: Link | None) -> None:
        self._end = end
        self._before = Link(0, START)
        self._unlisted: set[int] = set()
        self.faults: list[Fault] = []
        self.count = self.emptied = 0

    def take(self, number: int, hash_: object, row: Row) -> None:
        """Judge the next row."""
        self.count += 1
        is_linked = hash_ == _hash(self._before.hash, number, row)
        if number != self._before.id + 1:
            self._miss(self._before.id + 1, number - 1)
        elif not is_linked:
            self._fault(number, f"Row {number} was changed, or another one put in its place")
        elif self._end is not None and number == self._end.id and hash_ != self._end.hash:
            self._fault(number, f"Row {number} is not the one that was noted when it was written")
        if row.event == NO_EVENT:
            self.emptied += 1
            self._unlisted.add(number)
        elif row.event == PRUNED:
            self._unlisted -= set(_listed(row))
        self._before = Link(number, hash_ if isinstance(hash_, bytes) else START)

    def finish(self) -> None:
        """Judge what can be judged after the last row only."""
        for number in sorted(self._unlisted)[:MOST_FAULTS]:
            self._fault(number, f"The content of row {number} was removed, and not by the retention")
        if self._end is not None and self._end.id > self._before.id:
            self._miss(self._before.id + 1, self._end.id)

    def _miss(self, first: int, last: int) -> None:
        which = f"Row {first} is" if first == last else f"Rows {first} to {last} are"
        self._fault(first, f"{which} missing")

    def _fault(self, number: int, sentence: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(Fault(number, sentence))


def _hash(before: bytes, number: int, row: Row) -> bytes | None:
    try:
        return linked(before, number, row.digest)
    except (
        TypeError,
        ValueError,
        OverflowError,
        AttributeError,
    ):  # a column holds what is never written there
        return None


def _listed(row: Row) -> Iterator[int]:
    try:
        yield from listed(json.loads(row.detail))
    except (TypeError, ValueError):
        return


def _table_faults(connection: sqlite3.Connection) -> Iterator[Fault]:
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    if found != LEDGER_TRIGGERS:
        yield Fault(0, "The guards that let rows only be added were changed")
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        yield Fault(0, "The indexes do not fit the rows")


_ALL = f"SELECT id, hash, {COLUMNS} FROM records ORDER BY id"  # noqa: S608
