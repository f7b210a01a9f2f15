"""Check that the ledger is as it was written: each row, their order, and the end."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tokenward.custody.chain.chain import (
    COLUMNS,
    MOST_PRUNED,
    NO_EVENT,
    PRUNED,
    START,
    ChainLink,
    LedgerRow,
    link_hash,
)
from tokenward.records import dataclass

MOST_FAULTS = 100


class ChainFault(NamedTuple):
    """Something that is not as it was written; `row` is 0 if the fault concerns no single row."""

    row: int
    sentence: str


@dataclass(frozen=True, slots=True)
class ChainReport:
    """The result of checking the whole ledger.

    Attributes:
        emptied: the number of rows whose content the retention removed.
        has_end: the end of the ledger was noted, so that rows removed there are noticed.
    """

    rows: int
    emptied: int
    faults: tuple[ChainFault, ...]
    has_end: bool


def verify(connection: sqlite3.Connection, end: ChainLink | None, triggers: Mapping[str, str]) -> ChainReport:
    """Check every row.

    Args:
        connection: in a transaction.
        end: the last row noted before the transaction began.
        triggers: the guards that the ledger must have, by name.
    """
    # Text that is not UTF-8 counts as a change.
    connection.text_factory = lambda content: content.decode("utf-8", "surrogateescape")
    check = _ChainCheck(end)
    for number, hash_, *content in connection.execute(_ALL):
        check.add(number, hash_, LedgerRow(*content))
    check.finish()
    faults = [*_table_faults(connection, triggers), *sorted(check.faults, key=lambda fault: fault.row)]
    return ChainReport(check.count, check.emptied, tuple(faults[:MOST_FAULTS]), end is not None)


class _ChainCheck:
    """Follows the chain; after a fault, judges each row by the hash stored before it."""

    def __init__(self, end: ChainLink | None) -> None:
        self._end = end
        self._before = ChainLink(0, START)
        self._unlisted: set[int] = set()
        self.faults: list[ChainFault] = []
        self.count = self.emptied = 0

    def add(self, number: int, hash_: object, row: LedgerRow) -> None:
        """Judge the next row."""
        self.count += 1
        if number != self._before.id + 1:
            self._add_missing(self._before.id + 1, number - 1)
        elif hash_ != _hash(self._before.hash, number, row):
            self._add_fault(number, f"Row {number} was changed, or another one put in its place")
        elif self._end is not None and number == self._end.id and hash_ != self._end.hash:
            self._add_fault(number, f"Row {number} is not the one that was noted when it was written")
        if row.event == NO_EVENT:
            self.emptied += 1
            self._unlisted.add(number)
        elif row.event == PRUNED:
            self._unlisted -= set(_pruned_rows(row))
        self._before = ChainLink(number, hash_ if isinstance(hash_, bytes) else START)

    def finish(self) -> None:
        """Judge what can only be seen at the end of the chain."""
        for number in sorted(self._unlisted)[:MOST_FAULTS]:
            self._add_fault(number, f"The content of row {number} was removed, and not by the retention")
        if self._end is not None and self._end.id > self._before.id:
            self._add_missing(self._before.id + 1, self._end.id)

    def _add_missing(self, first: int, last: int) -> None:
        which = f"Row {first} is" if first == last else f"Rows {first} to {last} are"
        self._add_fault(first, f"{which} missing")

    def _add_fault(self, number: int, sentence: str) -> None:
        if len(self.faults) < MOST_FAULTS:
            self.faults.append(ChainFault(number, sentence))


def _hash(before: bytes, number: int, row: LedgerRow) -> bytes | None:
    try:
        return link_hash(before, number, row.digest)
    except (TypeError, ValueError, OverflowError, AttributeError):
        # A column contains something that Tokenward never writes there.
        return None


def _pruned_rows(row: LedgerRow) -> Iterator[int]:
    """Return the rows listed in a record of the retention, as far as it can be read."""
    try:
        detail = json.loads(row.detail)
        ranges = detail["rows"] if isinstance(detail, Mapping) and "rows" in detail else ()
        for first, last in ranges:
            yield from range(first, min(last, first + MOST_PRUNED - 1) + 1)
    except (TypeError, ValueError):
        return


def _table_faults(connection: sqlite3.Connection, triggers: Mapping[str, str]) -> Iterator[ChainFault]:
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall())
    if found != triggers:
        yield ChainFault(0, "The guards that let rows only be added were changed")
    (answer,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
    if answer != "ok":
        yield ChainFault(0, "The indexes do not fit the rows")


_ALL = f"SELECT id, hash, {COLUMNS} FROM records ORDER BY id"  # noqa: S608
