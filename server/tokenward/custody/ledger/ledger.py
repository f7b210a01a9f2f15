"""The append-only record of what happened to tokens."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from tokenward.custody.ledger import queries
from tokenward.custody.ledger.chain import Chain
from tokenward.custody.ledger.chain_end import ChainEnd
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.events import JSON, Event, Happening, OpenMove, Record, row_of
from tokenward.custody.ledger.reading import ChainedRow, Wanted, written_origin, written_time
from tokenward.custody.ledger.retention import remove_old
from tokenward.custody.ledger.schema import LEDGER
from tokenward.custody.ledger.verify import Verdict, verify
from tokenward.custody.store.presence import presence
from tokenward.model import Fingerprint, Reference


class Ledger:
    """What happened, in order; rows are only ever added, and none holds a token.

    Every method may raise StateDamaged, within some two seconds when another program holds the file.
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
        """Add what happened; returns the row's id, on the disk when this returns."""
        return self._record(Happening(event, reference, fingerprint, origin, move, detail or {}))

    def record_all(self, happenings: Iterable[Happening]) -> None:
        """Add what happened, all of it or nothing."""
        with self._adding() as chain:
            for happening in happenings:
                chain.append(row_of(happening))

    def begin_move(
        self, reference: Reference, fingerprint: Fingerprint, origin: str, detail: Mapping[str, JSON]
    ) -> int:
        """Announce a move before anything is stored; returns the move's id."""
        return self.announce(Happening(Event.MOVE_STARTED, reference, fingerprint, origin, None, detail))

    def stored(self, move_id: int) -> bool:
        """The vault holds the value and has given it back; False when the move had ended already."""
        return self.follow(queries.OPEN_MOVE, move_id, Event.STORED, {})

    def confirm_move(self, move_id: int, detail: Mapping[str, JSON]) -> bool:
        """The reference stands in the file; False when the move had ended already."""
        return self.follow(queries.OPEN_MOVE, move_id, Event.MOVED, detail)

    def undo_move(self, move_id: int, why: str) -> bool:
        """All is as it was before the move; False when the move had ended already."""
        return self.follow(queries.OPEN_MOVE, move_id, Event.MOVE_UNDONE, {"why": why})

    def open_moves(self) -> tuple[OpenMove, ...]:
        """The moves that neither were confirmed nor undone and whose process is dead, the oldest first."""
        processes = presence(self._presence_file)
        with self._database.read() as connection:
            rows = connection.execute(queries.OPEN_MOVES).fetchall()
            return tuple(_open_move(row) for row in rows if not processes.is_alive(row[-1]))

    def begin_revocation(
        self, fingerprint: Fingerprint, origin: str, reference: Reference | None, detail: Mapping[str, JSON]
    ) -> int:
        """Announce a revocation before anything is sent; returns its id."""
        started = Happening(Event.REVOCATION_STARTED, reference, fingerprint, origin, None, detail)
        return self.announce(started)

    def end_revocation(self, number: int, event: Event, outcome: str) -> bool:
        """What became of a revocation; False when that was recorded already."""
        return self.follow(queries.OPEN_REVOCATION, number, event, {"outcome": outcome})

    def open_revocations(self) -> tuple[Record, ...]:
        """The revocations of which nothing more is known and whose process is dead, the oldest first."""
        return self.left_open(queries.OPEN_REVOCATIONS)

    def left_open(self, query: str) -> tuple[Record, ...]:
        """What was announced by processes that are dead, and of which nothing more is known; the oldest first."""
        processes = presence(self._presence_file)
        with self._database.read() as connection:
            rows = connection.execute(query).fetchall()
            return tuple(_record(row[:-1]) for row in rows if not processes.is_alive(row[-1]))

    def relied_on(self, reference: Reference, besides: int) -> bool:
        """Whether anything but one move, since it began, counts on the vault to hold the reference's value."""
        return self.finds(queries.RELIED_ON, reference, besides)

    def finds(self, query: str, reference: Reference, move: int = 0) -> bool:
        """What a query for yes or no says of a reference."""
        row = {"workspace": reference.workspace, "name": reference.name, "move": move}
        with self._database.read() as connection:
            return bool(connection.execute(query, row).fetchone()[0])

    def last_moved(self, origin: str) -> tuple[Record, ...]:
        """The confirmed moves out of an origin that were not restored, the newest first."""
        return self._select(queries.LAST_MOVED, {"origin": written_origin(origin)})

    def last(self, event: Event, reference: Reference) -> datetime | None:
        """When something happened to a reference for the last time; None when it never did."""
        row = (event.value, reference.workspace, reference.name)
        with self._database.read() as connection:
            found = connection.execute(queries.LAST, row).fetchone()
            return datetime.fromisoformat(found[0]) if found else None

    def newest_of_each(self) -> tuple[Record, ...]:
        """What happened last to each reference, of each event."""
        return self._select(queries.NEWEST_OF_EACH)

    def records(self) -> tuple[Record, ...]:
        """Everything, the oldest first."""
        return self._select(queries.ALL)

    def matching(self, wanted: Wanted) -> tuple[Record, ...]:
        """The newest records that are wanted, the oldest of them first."""
        return self._select(queries.MATCHING, wanted.to_query())[::-1]

    def standing(self, folder: Path) -> dict[tuple[str, Fingerprint], str]:
        """The tokens that were found in the files of a folder and not withdrawn since: origin, token, surface."""
        first = os.path.join(written_origin(str(folder)), "")  # noqa: PTH118 - pathlib drops the separator
        end = first[:-1] + chr(ord(first[-1]) + 1)
        with self._database.read() as connection:
            rows = connection.execute(queries.STANDING, {"first": first, "end": end})
            return {(origin, token): str(on) for origin, token, event, on, _ in rows if event == "found"}

    def chained(self, since: datetime | None = None) -> Iterator[ChainedRow]:
        """Every row as it is written, those whose content was removed too unless a time is given; in portions."""
        after, time = 0, since and written_time(since)
        while True:
            with self._database.read() as connection:
                asked = {"after": after, "since": time, "most": 1_000}
                found = [ChainedRow.of(row) for row in connection.execute(queries.CHAINED, asked)]
            if not found:
                return
            yield from found
            after = found[-1].id

    def verify(self) -> Verdict:
        """Whether every row is as it was written, in its place, and none is missing."""
        # Read first: whatever is noted was on the disk before.
        end = self._end.read()
        with self._database.read() as connection:
            return verify(connection, end)

    def remove_old(self, before: datetime) -> int:
        """Remove the content of rows from before a time on which nothing depends; of how many."""
        count = 0
        while True:
            with self._adding() as chain:
                removed = remove_old(chain, before, row_of(Happening(Event.PRUNED)))
            if not removed:
                return count
            count += removed

    def _record(self, happening: Happening, process: int | None = None) -> int:
        with self._adding() as chain:
            return chain.append(row_of(happening, process))

    def announce(self, happening: Happening) -> int:
        """Add what is about to be done; what becomes of it follows, or is open once this process has died."""
        return self._record(happening, presence(self._presence_file).marker)

    def follow(self, query: str, number: int, event: Event, detail: Mapping[str, JSON]) -> bool:
        """Add what became of something that was announced, unless that is known already."""
        with self._adding() as chain:
            started = chain.connection.execute(query, (number,)).fetchone()
            if started is None:
                return False
            workspace, name, fingerprint, origin = started
            reference = _reference(workspace, name)
            chain.append(row_of(Happening(event, reference, fingerprint, origin, number, detail)))
            return True

    @contextmanager
    def _adding(self) -> Iterator[Chain]:
        """A transaction in which rows are added; where it ended is noted once they are on the disk."""
        end = self._end.read()
        with self._database.write() as connection:
            chain = Chain(connection)
            yield chain
            # A note that does not fit is the only trace of what was cut off, so it stays.
            has_end = end is None or chain.holds(end)
        if chain.head is not None and has_end:
            self._end.note(chain.head)

    def _select(self, query: str, values: Sequence[str] | Mapping[str, object] = ()) -> tuple[Record, ...]:
        with self._database.read() as connection:
            return tuple(_record(row) for row in connection.execute(query, values))


def _reference(workspace: str | None, name: str | None) -> Reference | None:
    return Reference(workspace, name) if workspace and name else None


def _record(row: Sequence[Any]) -> Record:
    number, time, event, workspace, name, fingerprint, origin, pid, move, detail = row
    when, reference = datetime.fromisoformat(time), _reference(workspace, name)
    return Record(number, when, Event(event), reference, fingerprint, origin, pid, move, json.loads(detail))


def _open_move(row: Sequence[Any]) -> OpenMove:
    number, time, workspace, name, fingerprint, origin, pid, detail, stored, _process = row
    when, reference = datetime.fromisoformat(time), Reference(workspace, name)
    return OpenMove(number, when, reference, fingerprint, origin, pid, json.loads(detail), bool(stored))
