"""A row that was removed, changed, moved or inserted is detected."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from subprocess import Popen

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenward.custody.chain.chain import COLUMNS, LedgerRow
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.schema import LEDGER_TRIGGERS
from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint, Reference

posix = pytest.mark.skipif(os.name == "nt", reason="kills with a signal of POSIX")
REFERENCE = Reference("acme", "GITHUB_TOKEN")
FINGERPRINT = Fingerprint("0" * 32)


def tamper(path: Path, *statements: str) -> None:
    """Change the file behind Tokenward's back, and restore its guards."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for name in LEDGER_TRIGGERS:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for trigger in LEDGER_TRIGGERS.values():
            connection.execute(trigger)


def fill(ledger: Ledger, count: int = 5) -> None:
    ledger.record_all(NewRecord(Event.RESOLVED, REFERENCE, detail={"n": n}) for n in range(count))


def sentences(ledger: Ledger) -> list[str]:
    return [fault.sentence for fault in ledger.verify().faults]


HAPPENINGS = st.builds(
    NewRecord,
    st.sampled_from(Event).filter(lambda event: event is not Event.PRUNED),
    st.none() | st.builds(Reference, st.just("acme"), st.sampled_from(["A", "B"])),
    st.none() | st.just(FINGERPRINT),
    st.none() | st.text(),
    st.none(),
    st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())),
)
CHANGED = ["time", "event", "workspace", "name", "fingerprint", "origin", "detail", "hash"]


@settings(max_examples=30)
@given(st.data(), st.lists(HAPPENINGS, min_size=1, max_size=8))
def test_what_is_recorded_verifies_and_any_single_change_shows(
    data: st.DataObject, records: list[NewRecord]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "ledger.db")
        ledger = Ledger(path)
        for record in records:
            ledger.record_all([record])
        assert ledger.verify().faults == ()
        assert ledger.verify().rows == len(records)
        row = data.draw(st.integers(1, len(records)))
        other = data.draw(st.integers(1, len(records)))
        column = data.draw(st.sampled_from(CHANGED))
        value = data.draw(st.sampled_from(["'x'", "''", "x'00ff'", "1"]))
        after = len(records) + data.draw(st.integers(1, 3))
        names = ", ".join(CHANGED[:-1])
        copied = f"INSERT INTO records (id, {names}, pid) SELECT {after}, {names}, pid FROM records WHERE id = {row}"
        change, first = data.draw(
            st.sampled_from(
                [
                    ((f"UPDATE records SET {column} = {value} WHERE id = {row}",), row),
                    ((f"DELETE FROM records WHERE id = {row}",), row),
                    (("DELETE FROM records", "DELETE FROM sqlite_sequence"), 1),
                    ((copied,), len(records) + 1),
                    ((f"UPDATE records SET id = 1000 WHERE id = {row}",
                      f"UPDATE records SET id = {row} WHERE id = {other}",
                      f"UPDATE records SET id = {other} WHERE id = 1000"), min(row, other)),
                ]
            )
        )  # fmt: skip
        with closing(sqlite3.connect(path)) as connection:
            before = connection.execute("SELECT * FROM records").fetchall()
        tamper(path, *change)
        with closing(sqlite3.connect(path)) as connection:
            if connection.execute("SELECT * FROM records").fetchall() == before:
                return
        assert ledger.verify().faults[0].row == first


def test_each_kind_of_change_is_named(path: Path, ledger: Ledger) -> None:
    fill(ledger)
    tamper(path, "UPDATE records SET name = 'OTHER' WHERE id = 2", "DELETE FROM records WHERE id = 4")
    assert sentences(ledger) == ["Row 2 was changed, or another one put in its place", "Row 4 is missing"]


def test_rows_cut_off_at_the_end_show(path: Path, ledger: Ledger) -> None:
    fill(ledger)
    tamper(path, "DELETE FROM records WHERE id > 3", "UPDATE sqlite_sequence SET seq = 3")
    assert sentences(ledger) == ["Rows 4 to 5 are missing"]
    ledger.record(Event.PUT)
    assert sentences(ledger) == ["Row 5 is missing"]
    fill(ledger)
    assert sentences(ledger) == ["Row 5 is not the one that was noted when it was written"]
    fill(ledger)
    assert len(sentences(ledger)) == 1


def test_a_row_after_others_that_were_cut_off_leaves_their_gap(path: Path, ledger: Ledger) -> None:
    fill(ledger)
    tamper(path, "DELETE FROM records WHERE id > 3")
    ledger.record(Event.PUT)
    assert sentences(ledger) == ["Rows 4 to 5 are missing"]


def test_guards_that_are_gone_show(path: Path, ledger: Ledger) -> None:
    fill(ledger)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER records_are_not_deleted")
    assert sentences(ledger) == ["The guards that let rows only be added were changed"]


def test_content_that_was_removed_by_hand_shows(path: Path, ledger: Ledger) -> None:
    """The guards permit the changes that retention makes, so such a change counts only if retention recorded it."""
    fill(ledger)
    with closing(sqlite3.connect(path)) as connection, connection:
        row = LedgerRow(*connection.execute(f"SELECT {COLUMNS} FROM records WHERE id = 2").fetchone())
        connection.execute(
            "UPDATE records SET time = '', event = '', workspace = NULL, name = NULL, pid = 0, detail = ?"
            " WHERE id = 2",
            (row.digest,),
        )
    assert sentences(ledger) == ["The content of row 2 was removed, and not by the retention"]
    assert len(ledger.records()) == 4


@pytest.mark.parametrize("content", [None, b"", b"0" * 200, b"7 00 00\n"])
def test_without_a_noted_end_nothing_is_wrong_and_the_verdict_says_so(
    path: Path, ledger: Ledger, content: bytes | None
) -> None:
    fill(ledger)
    assert ledger.verify().has_end
    end = path.with_name("ledger.db.end")
    end.unlink() if content is None else end.write_bytes(content)
    verdict = ledger.verify()
    assert (verdict.faults, verdict.has_end) == ((), False)
    ledger.record(Event.PUT)
    assert ledger.verify().has_end


def test_an_end_that_was_noted_late_is_no_fault(path: Path, ledger: Ledger) -> None:
    """This happens when the process dies between the row and the note."""
    fill(ledger)
    end = path.with_name("ledger.db.end")
    before = end.read_bytes()
    fill(ledger)
    end.write_bytes(before)
    assert ledger.verify().faults == ()


def test_a_damaged_file_is_named(path: Path, ledger: Ledger) -> None:
    for _ in range(20):
        ledger.record(Event.PUT, detail={"text": "x" * 2000})
    content = path.read_bytes()
    path.write_bytes(content[:8192] + os.urandom(len(content) - 8192))
    with pytest.raises(StateDamaged, match="is damaged"):
        ledger.verify()


RECORD = """
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.model import Fingerprint, Reference
ledger = Ledger(folder / "ledger.db")
print("ready", flush=True)
sys.stdin.readline()
for number in range(8):
    ledger.record(Event.RESOLVED, detail={"n": number})
    ledger.record_all([NewRecord(Event.FOUND), NewRecord(Event.WITHDRAWN)])
    token = Reference("acme", "X"), Fingerprint("0" * 32)
    move = ledger.record_start(NewRecord(Event.MOVE_STARTED, *token, "a"))
    ledger.confirm_stored(move)
    ledger.confirm_move(move, {})
"""


def test_the_chain_of_processes_that_race_is_whole(tmp_path: Path, race: Callable[..., list[str]]) -> None:
    race(4, RECORD, tmp_path)
    ledger = Ledger(tmp_path / "ledger.db")
    verdict = ledger.verify()
    assert (verdict.rows, verdict.faults, verdict.has_end) == (4 * 8 * 6, (), True)
    events = [record.event for record in ledger.records()]
    assert all(b is Event.WITHDRAWN for a, b in itertools.pairwise(events) if a is Event.FOUND)


ENDLESS = """
import sys
from pathlib import Path
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.events import Event
ledger = Ledger(Path(sys.argv[1]))
while True:
    print(ledger.record(Event.PUT, detail={"text": "x" * 500}), flush=True)
"""


@posix
def test_no_kill_makes_an_honest_ledger_look_changed(
    path: Path, ledger: Ledger, start: Callable[..., Popen[str]]
) -> None:
    for lines in (1, 3, 8):
        children = [start(ENDLESS, path), start(ENDLESS, path)]
        for child in children:
            assert child.stdout is not None
            for _ in range(lines):
                child.stdout.readline()
        for child in children:
            child.kill()
            child.wait()
        assert ledger.verify().faults == ()
