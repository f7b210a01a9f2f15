"""The append-only record of what happened to tokens.

Retention removes the content of old rows that nothing depends on, and keeps the chain whole.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from tokenward.custody.chain.chain import (
    COLUMNS,
    MOST_PRUNED,
    Chain,
    ChainEnd,
    ChainReport,
    LedgerRow,
    verify,
)
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.events import (
    JSON,
    ChainedRow,
    Event,
    NewRecord,
    OpenMove,
    Record,
    RecordQuery,
    row_of,
    written_origin,
    written_time,
)
from tokenward.custody.ledger.schema import IS_OPEN, LEDGER, LEDGER_TRIGGERS, OF_OUTPUTS
from tokenward.custody.store.presence import presence
from tokenward.model import Fingerprint, Reference


class Ledger:
    """The events so far, in order. Rows are only ever added, and none contains a token.

    Every method may raise StateDamaged, after about two seconds if another program has locked the file.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, LEDGER)
        self.end_file = path.with_name(f"{path.name}.end")
        self._end = ChainEnd(self.end_file)
        self._presence_file = path.with_name(f"{path.name}.alive")

    def record(
        self,
        event: Event,
        *,
        reference: Reference | None = None,
        fingerprint: Fingerprint | None = None,
        origin: str | None = None,
        move: int | None = None,
        detail: Mapping[str, JSON] | None = None,
    ) -> int:
        """Add a record and return its id once it is on the disk."""
        with self._adding() as chain:
            return chain.append(row_of(NewRecord(event, reference, fingerprint, origin, move, detail or {})))

    def record_all(self, records: Iterable[NewRecord]) -> None:
        """Add records, all of them or none."""
        with self._adding() as chain:
            for record in records:
                chain.append(row_of(record))

    @contextmanager
    def together(self) -> Iterator[None]:
        """Add all records of a block in one transaction, or none."""
        with self._database.write():
            yield

    def record_start(self, record: NewRecord) -> int:
        """Record the start of an action; it stays open until its outcome is recorded."""
        return self.record_starts([record])[0]

    def record_starts(self, records: Iterable[NewRecord]) -> list[int]:
        """Record the starts of actions, all of them or none."""
        marker = presence(self._presence_file).marker
        with self._adding() as chain:
            return [chain.append(row_of(record, marker)) for record in records]

    def record_outcome(
        self, query: str, number: int, event: Event, detail: Mapping[str, JSON] | None = None
    ) -> bool:
        """Record the outcome of an announced action; return False if it already has one."""
        with self._adding() as chain:
            started = chain.connection.execute(query, (number,)).fetchone()
            if started is None:
                return False
            workspace, name, fingerprint, origin = started
            reference = _reference(workspace, name)
            chain.append(row_of(NewRecord(event, reference, fingerprint, origin, number, detail or {})))
            return True

    def confirm_stored(self, move_id: int) -> bool:
        """Record that the vault stored the value and returned it; return False if the move had already ended."""
        return self.record_outcome(schema.OPEN_MOVE, move_id, Event.STORED)

    def confirm_move(self, move_id: int, detail: Mapping[str, JSON]) -> bool:
        """Record that the reference is in the file; return False if the move had already ended."""
        return self.record_outcome(schema.OPEN_MOVE, move_id, Event.MOVED, detail)

    def confirm_moves(self, records: Sequence[NewRecord]) -> None:
        """Add records of moves, all of them or none, except those of moves that had already ended."""
        with self._adding() as chain:
            found = (chain.connection.execute(schema.OPEN_MOVE, (one.move,)).fetchone() for one in records)
            for record in [one for one, started in zip(records, found, strict=True) if started is not None]:
                chain.append(row_of(record))

    def decline_move(self, move_id: int) -> None:
        """Record that an editor declined a move's edit; the edit may still come, so the move stays open."""
        self.record_outcome(schema.OPEN_MOVE, move_id, Event.MOVE_DECLINED)

    def undo_move(self, move_id: int, why: str) -> bool:
        """Record that everything is as it was before the move; return False if the move had already ended."""
        return self.record_outcome(schema.OPEN_MOVE, move_id, Event.MOVE_UNDONE, {"why": why})

    def confirm_put(self, number: int, detail: Mapping[str, JSON]) -> bool:
        """Record that the vault stored the value of a `put`; return False if that had already ended."""
        return self.record_outcome(schema.OPEN_PUT, number, Event.PUT, detail)

    def undo_store(self, number: int, announced: Event, why: str) -> bool:
        """Record that a value was not stored; return False if its announcement already has an outcome."""
        query, undone = _UNDOING[announced]
        return self.record_outcome(query, number, undone, {"why": why})

    def open_stores(self, reference: Reference | None = None) -> tuple[Record, ...]:
        """Return what `put` and `put --replace` began to store, of one token or of all, and did not confirm.

        Each is done within a turn, so in a turn it was cut off.
        """
        found = self._select(schema.OPEN_STORES)
        return tuple(record for record in found if reference in (None, record.reference))

    def open_replacements(self) -> tuple[Record, ...]:
        """Return the replacements among them, because each use of a token depends on these."""
        return self._select(schema.OPEN_REPLACEMENTS)

    def open_moves(self) -> tuple[OpenMove, ...]:
        """Return the unfinished moves of dead processes, the oldest first."""
        return tuple(
            OpenMove(one.id, one.reference, one.fingerprint, one.origin, one.detail)
            for one in self.abandoned(schema.OPEN_MOVES)
            if one.reference is not None and one.fingerprint is not None and one.origin is not None
        )

    def begin_revocation(
        self, fingerprint: Fingerprint, origin: str, reference: Reference | None, detail: Mapping[str, JSON]
    ) -> int:
        """Record the start of a revocation, before anything is sent; return its id."""
        started = NewRecord(Event.REVOCATION_STARTED, reference, fingerprint, origin, None, detail)
        return self.record_start(started)

    def end_revocation(self, number: int, event: Event, outcome: str) -> bool:
        """Record the outcome of a revocation; return False if it already has one."""
        return self.record_outcome(schema.OPEN_REVOCATION, number, event, {"outcome": outcome})

    def open_revocations(self) -> tuple[Record, ...]:
        """Return the unfinished revocations of dead processes, the oldest first."""
        return self.abandoned(schema.OPEN_REVOCATIONS)

    def abandoned(self, query: str) -> tuple[Record, ...]:
        """Return the unfinished actions of dead processes, the oldest first.

        The last column of the query is the marker of the process.
        """
        processes = presence(self._presence_file)
        with self._database.read() as connection:
            rows = connection.execute(query).fetchall()
            return tuple(_record(row[:-1]) for row in rows if not processes.is_alive(row[-1]))

    def is_relied_on(self, reference: Reference, besides: int) -> bool:
        """Return whether anything other than a move, since its start, relies on the stored value."""
        return self._is_any(schema.RELIED_ON, reference, besides)

    def is_being_moved(self, reference: Reference) -> bool:
        """Return whether an unfinished move may still write the reference into a file."""
        return self._is_any(schema.BEING_MOVED, reference)

    def is_unfinished(self, reference: Reference) -> bool:
        """Return whether an unfinished move or rename may still write the reference into a file."""
        return self._is_any(schema.UNFINISHED, reference)

    def last_moved(self, origin: str) -> tuple[Record, ...]:
        """Return the confirmed moves out of an origin that were not restored, the newest first."""
        return self._select(schema.LAST_MOVED, {"origin": written_origin(origin)})

    def last(self, event: Event, reference: Reference) -> Record | None:
        """Return a reference's last record of an event, if any."""
        found = self._select(schema.LAST, (event.value, reference.workspace, reference.name))
        return found[0] if found else None

    def newest_of_each(self) -> tuple[Record, ...]:
        """Return each reference's last record of each event."""
        return self._select(schema.NEWEST_OF_EACH)

    def records(self) -> tuple[Record, ...]:
        """Return all records, the oldest first."""
        return self.matching(RecordQuery())

    def matching(self, query: RecordQuery) -> tuple[Record, ...]:
        """Return the newest matching records, the oldest of them first."""
        return self._select(schema.MATCHING, query.to_query())[::-1]

    def withheld_agents(self) -> tuple[str, ...]:
        """Return the AI agents whose outputs were withheld, and not given again since."""
        with self._database.read() as connection:
            return tuple(str(agent) for (agent,) in connection.execute(schema.WITHHELD))

    def hidden_parts(self, fingerprint: Fingerprint, since: datetime) -> int:
        """Return how often a part of a value was hidden since then, and since outputs were last given again."""
        with self._database.read() as connection:
            found = connection.execute(schema.HIDDEN_PARTS, (fingerprint, written_time(since)))
            return int(found.fetchone()[0])

    def present_tokens(self, folder: Path) -> dict[tuple[str, Fingerprint], str]:
        """Return the surface of each token that was found in a folder's files and not withdrawn since."""
        first = os.path.join(written_origin(str(folder)), "")  # noqa: PTH118 - pathlib drops the separator
        end = first[:-1] + chr(ord(first[-1]) + 1)
        with self._database.read() as connection:
            rows = connection.execute(schema.PRESENT_TOKENS, {"first": first, "end": end})
            return {(origin, token): str(on) for origin, token, event, on, _ in rows if event == "found"}

    def chained(self, since: datetime | None = None) -> Iterator[ChainedRow]:
        """Yield every row as it is written, in portions; without a time, include those whose content was removed."""
        after, time = 0, since and written_time(since)
        while True:
            with self._database.read() as connection:
                values = {"after": after, "since": time, "most": 1_000}
                found = [ChainedRow.of(row) for row in connection.execute(schema.CHAINED, values)]
            if not found:
                return
            yield from found
            after = found[-1].id

    def verify(self) -> ChainReport:
        """Check that every row is as it was written, in order, and that none is missing."""
        # Read before the rows: a noted row was on the disk before it was noted.
        end = self._end.read()
        with self._database.read() as connection:
            return verify(connection, end, LEDGER_TRIGGERS)

    def remove_old(self, before: datetime) -> int:
        """Remove the content of rows from before a time that nothing depends on; return their number."""
        count = 0
        while True:
            with self._adding() as chain:
                removed = remove_old(chain, before, row_of(NewRecord(Event.PRUNED)))
            if not removed:
                return count
            count += removed

    def remove_older(self, days: int) -> int:
        """Remove the same content of rows that are older than some days, unless that is 0; return their number."""
        return self.remove_old(datetime.now(UTC) - timedelta(days=days)) if days else 0

    @contextmanager
    def _adding(self) -> Iterator[Chain]:
        """Open a transaction that adds rows; note its last row once that is on the disk."""
        end = self._end.read()
        with self._database.write() as connection:
            chain = Chain(connection)
            yield chain
            # A note that does not fit is the only trace of removed rows, so it stays.
            if chain.head is not None and (end is None or chain.holds(end)):
                self._database.when_written(partial(self._end.note, chain.head))

    def _is_any(self, query: str, reference: Reference, move: int = 0) -> bool:
        row = {"workspace": reference.workspace, "name": reference.name, "move": move}
        with self._database.read() as connection:
            return bool(connection.execute(query, row).fetchone()[0])

    def _select(self, query: str, values: Sequence[str] | Mapping[str, object] = ()) -> tuple[Record, ...]:
        with self._database.read() as connection:
            return tuple(_record(row) for row in connection.execute(query, values))


_EVENTS = {event.value: event for event in Event}
_UNDOING = {
    Event.PUT_STARTED: (schema.OPEN_PUT, Event.PUT_UNDONE),
    Event.REPLACE_STARTED: (schema.OPEN_REPLACE, Event.REPLACE_UNDONE),
    Event.MOVE_STARTED: (schema.OPEN_MOVE, Event.MOVE_UNDONE),
    Event.RENAME_STARTED: (schema.OPEN_RENAME, Event.RENAME_UNDONE),
}


def _reference(workspace: str | None, name: str | None) -> Reference | None:
    return Reference(workspace, name) if workspace and name else None


def _record(row: Sequence[Any]) -> Record:
    number, time, event, workspace, name, fingerprint, origin, pid, move, detail = row
    when, reference = datetime.fromisoformat(time), _reference(workspace, name)
    # A newer Tokenward may record more.
    known = _EVENTS.get(event, Event.UNKNOWN)
    return Record(number, when, known, reference, fingerprint, origin, pid, move, json.loads(detail))


def remove_old(chain: Chain, before: datetime, written: LedgerRow) -> int:
    """Remove the content of the oldest rows from before a time and record which; return their number.

    `written` is the row that records it, without its detail.
    """
    connection, limit = chain.connection, written_time(before)
    # Otherwise the file would still contain the removed content.
    connection.execute("PRAGMA secure_delete = ON")
    found = connection.execute(_OLD, {"before": limit, "most": MOST_PRUNED}).fetchall()
    for number, *row in found:
        connection.execute(_EMPTY, (LedgerRow(*row).digest, number))
    if found:
        detail = {"before": limit, "rows": _ranges([number for number, *_ in found])}
        chain.append(written._replace(detail=json.dumps(detail)))
    return len(found)


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


_EMPTY = """UPDATE records SET time = '', event = '', workspace = NULL, name = NULL, fingerprint = NULL,
    origin = NULL, pid = 0, process = NULL, move = NULL, detail = ? WHERE id = ?"""

# These stay, in order: the retention's own rows; rows whose start is still there, so that no end goes before its
# beginning; an open action; a move that can be restored; the last row of each event of a
# stored token; the sighting of a token that is still where it was seen; and what still withholds outputs.
_OLD = f"""SELECT id, {COLUMNS} FROM records AS old
    WHERE event != '' AND time < :before AND event != 'pruned'
    AND NOT EXISTS (SELECT 1 FROM records WHERE id = old.move
        AND event GLOB '*_started')
    AND NOT ({IS_OPEN})
    AND NOT (event = 'moved' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = old.move AND origin = old.origin AND event = 'restored'))
    AND NOT (name IS NOT NULL AND event IN ('put', 'moved', 'resolved', 'leased', 'checked', 'revoked')
        AND NOT EXISTS (SELECT 1 FROM records WHERE workspace = old.workspace AND name = old.name AND id > old.id
            AND event IN (old.event, 'removed', 'renamed')))
    AND NOT (event = 'found' AND json_extract(detail, '$.surface') IS NOT 'terminal' AND NOT EXISTS
        (SELECT 1 FROM records WHERE origin = old.origin AND fingerprint = old.fingerprint AND id > old.id
            AND event IN ('found', 'withdrawn')))
    AND NOT (event = 'withheld' AND NOT EXISTS
        (SELECT 1 FROM records WHERE event = 'lifted' AND id > old.id AND {OF_OUTPUTS}))
    ORDER BY id LIMIT :most"""  # noqa: S608
