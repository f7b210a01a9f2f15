"""Recorded events stay recorded, and an interrupted move is found."""

from __future__ import annotations

import os
import signal
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from subprocess import Popen

import pytest

from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint, Reference, Secret

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
REFERENCE = Reference("acme", "GITHUB_TOKEN")
FINGERPRINT = Fingerprint("0" * 32)


def begin(ledger: Ledger, origin: str = "/acme/app.py") -> int:
    return ledger.record_start(
        NewRecord(Event.MOVE_STARTED, REFERENCE, FINGERPRINT, origin, None, {"line": 3})
    )


def test_what_happened_is_written_in_order(ledger: Ledger) -> None:
    first = ledger.record(
        Event.PUT, reference=REFERENCE, fingerprint=FINGERPRINT, origin="/acme", detail={"a": [1, None]}
    )
    second = ledger.record(Event.BOUND)
    one, two = ledger.records()
    assert (one.id, one.event, one.reference, one.fingerprint) == (first, Event.PUT, REFERENCE, FINGERPRINT)
    assert (one.origin, one.pid, one.move, one.detail) == ("/acme", os.getpid(), None, {"a": [1, None]})
    assert (two.id, two.event, two.reference, two.origin, two.detail) == (second, Event.BOUND, None, None, {})
    assert one.time <= two.time
    assert one.time.utcoffset().total_seconds() == 0  # type: ignore[union-attr]


@pytest.mark.parametrize("event", Event)
def test_every_event_can_be_written_and_read(ledger: Ledger, event: Event) -> None:
    ledger.record(event)
    assert [record.event for record in ledger.records()] == [event]


def test_the_last_time_that_something_happened_to_a_reference_is_known(ledger: Ledger) -> None:
    assert ledger.last(Event.RESOLVED, REFERENCE) is None
    for event, reference in [
        (Event.RESOLVED, REFERENCE),
        (Event.RESOLVED, REFERENCE),
        (Event.REFUSED, REFERENCE),
        (Event.RESOLVED, Reference("acme", "OTHER")),
        (Event.RESOLVED, Reference("other", REFERENCE.name)),
    ]:
        ledger.record(event, reference=reference)
    assert ledger.last(Event.RESOLVED, REFERENCE) == ledger.records()[1]


def test_a_secret_does_not_fit_into_the_ledger(ledger: Ledger) -> None:
    with pytest.raises(TypeError):
        ledger.record(Event.PUT, detail={"value": Secret("x")})  # type: ignore[dict-item]
    assert ledger.records() == ()


def test_an_origin_need_not_be_text(ledger: Ledger) -> None:
    ledger.confirm_move(begin(ledger, "/a\udcff"), {})
    assert len(ledger.last_moved("/a\udcff")) == 1
    assert ledger.last_moved("/a\udcfe") == ()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE records SET event = 'x'",
        "UPDATE records SET detail = '{}' WHERE id = 1",
        "DELETE FROM records",
        "DELETE FROM records WHERE id = 2",
        "INSERT OR REPLACE INTO records (id, time, event, pid, detail) VALUES (1, '', 'x', 0, '')",
        "REPLACE INTO records SELECT * FROM records",
        "INSERT INTO records (id, time, event, pid, detail) VALUES (-1, '', 'x', 0, '')",
        "INSERT INTO records SELECT * FROM records WHERE true ON CONFLICT (id) DO UPDATE SET event = 'y'",
    ],
)
def test_nothing_written_can_be_changed(path: Path, ledger: Ledger, statement: str) -> None:
    ledger.record(Event.PUT)
    ledger.record(Event.REMOVED)
    before = ledger.records()
    with closing(sqlite3.connect(path)) as connection, pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement)
    assert ledger.records() == before


def test_a_move_is_told_step_by_step(ledger: Ledger) -> None:
    move = begin(ledger)
    assert ledger.confirm_stored(move)
    assert ledger.confirm_move(move, {"undo": ["x"]})
    started, stored, moved = ledger.records()
    assert [r.event for r in (started, stored, moved)] == [Event.MOVE_STARTED, Event.STORED, Event.MOVED]
    assert [r.move for r in (started, stored, moved)] == [None, move, move]
    assert {(r.reference, r.fingerprint, r.origin) for r in ledger.records()} == {
        (REFERENCE, FINGERPRINT, "/acme/app.py")
    }
    assert (started.detail, moved.detail) == ({"line": 3}, {"undo": ["x"]})


def test_a_move_ends_once(ledger: Ledger) -> None:
    move = begin(ledger)
    assert ledger.undo_move(move, "the edit was refused")
    assert not ledger.undo_move(move, "again")
    assert not ledger.confirm_move(move, {})
    assert not ledger.confirm_stored(move)
    assert [record.detail for record in ledger.records()][1:] == [{"why": "the edit was refused"}]


def test_only_a_move_can_be_followed(ledger: Ledger) -> None:
    put = ledger.record(Event.PUT)
    assert not ledger.confirm_move(put, {})
    assert not ledger.undo_move(put + 99, "")
    assert len(ledger.records()) == 1


def test_moves_out_of_a_file_are_listed_for_restoring(ledger: Ledger) -> None:
    first, second, other, undone = (begin(ledger, origin) for origin in ("a", "a", "b", "a"))
    for move in (first, second, other):
        ledger.confirm_move(move, {"number": move})
    ledger.undo_move(undone, "")
    assert [record.detail["number"] for record in ledger.last_moved("a")] == [second, first]
    ledger.record(Event.RESTORED, move=second, origin="a")
    assert [record.move for record in ledger.last_moved("a")] == [first]
    assert ledger.last_moved("c") == ()


def test_a_move_under_way_is_not_open_for_others(ledger: Ledger, path: Path) -> None:
    begin(ledger)
    assert ledger.open_moves() == ()
    assert Ledger(path).open_moves() == ()


MOVER = """
import sys
from pathlib import Path
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference
ledger = Ledger(Path(sys.argv[1]))
token = Reference("acme", "GITHUB_TOKEN"), Fingerprint("0" * 32)
move = ledger.record_start(NewRecord(Event.MOVE_STARTED, *token, "app.py", None, {"line": 3}))
for step in sys.argv[2:]:
    {"stored": ledger.confirm_stored, "moved": lambda m: ledger.confirm_move(m, {}),
     "undone": lambda m: ledger.undo_move(m, "")}[step](move)
print("ready", flush=True)
sys.stdin.readline()
"""


def ready(child: Popen[str]) -> Popen[str]:
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    return child


def test_a_move_is_open_from_its_process_death_on(
    ledger: Ledger, path: Path, start: Callable[..., Popen[str]]
) -> None:
    child = ready(start(MOVER, path))
    assert ledger.open_moves() == ()
    assert ledger.open_moves() == ()
    child.kill()
    child.wait()
    [move] = ledger.open_moves()
    assert (move.reference, move.fingerprint, move.origin) == (REFERENCE, FINGERPRINT, "app.py")
    assert move.detail == {"line": 3}
    assert ledger.undo_move(move.id, "its process ended")
    assert ledger.open_moves() == ()


@pytest.mark.parametrize(
    ("steps", "is_open"),
    [(["stored"], True), (["stored", "moved"], False), (["undone"], False), (["stored", "undone"], False)],
)
def test_a_dead_processs_moves_are_open_unless_they_ended(
    ledger: Ledger,
    path: Path,
    start: Callable[..., Popen[str]],
    steps: list[str],
    is_open: bool,
) -> None:
    child = ready(start(MOVER, path, *steps))
    child.kill()
    child.wait()
    assert len(ledger.open_moves()) == is_open


def test_looking_for_open_moves_does_not_make_the_looker_seem_dead(
    ledger: Ledger, path: Path, start: Callable[..., Popen[str]]
) -> None:
    dead = ready(start(MOVER, path))
    dead.kill()
    dead.wait()
    begin(ledger)
    [move] = ledger.open_moves()
    code = "import sys; from pathlib import Path; from tokenward.custody.ledger.ledger import Ledger"
    child = start(f"{code}; print(*[move.id for move in Ledger(Path(sys.argv[1])).open_moves()])", path)
    assert child.communicate()[0].split() == [str(move.id)]


@posix
def test_a_stopped_process_is_not_dead(ledger: Ledger, path: Path, start: Callable[..., Popen[str]]) -> None:
    child = ready(start(MOVER, path))
    child.send_signal(signal.SIGSTOP)
    assert ledger.open_moves() == ()


FORK = """
import os, sys
from pathlib import Path
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference
ledger = Ledger(Path(sys.argv[1]))
token = Reference("acme", "X"), Fingerprint("0" * 32)
move = lambda origin: ledger.record_start(NewRecord(Event.MOVE_STARTED, *token, origin))
move("parent")
pid = os.fork()
if pid == 0:
    move("child")
    os._exit(0)
os.waitpid(pid, 0)
print(*[move.origin for move in ledger.open_moves()])
"""


@posix
def test_a_forked_child_is_told_from_its_parent(path: Path, start: Callable[..., Popen[str]]) -> None:
    assert start(FORK, path).communicate()[0].strip() == "child"


@posix
def test_a_link_in_the_place_of_the_lock_file_is_refused(path: Path, ledger: Ledger, tmp_path: Path) -> None:
    ledger.record(Event.PUT)
    path.with_name("ledger.db.alive").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StateDamaged):
        begin(ledger)
    assert not (tmp_path / "elsewhere").exists()


RECORD = """
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import Event
ledger = Ledger(folder / "ledger.db")
print("ready", flush=True)
sys.stdin.readline()
print(*[ledger.record(Event.RESOLVED, detail={"n": number}) for number in range(50)])
"""


def test_processes_that_race_lose_no_record(tmp_path: Path, race: Callable[..., list[str]]) -> None:
    outputs = [[int(number) for number in output.split()] for output in race(4, RECORD, tmp_path)]
    assert sorted(number for output in outputs for number in output) == list(range(1, 201))
    assert all(output == sorted(output) for output in outputs)
    assert [record.id for record in Ledger(tmp_path / "ledger.db").records()] == list(range(1, 201))


ENDLESS = """
import sys
from pathlib import Path
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import Event
ledger = Ledger(Path(sys.argv[1]))
while True:
    print(ledger.record(Event.PUT, detail={"text": "x" * 2000}), flush=True)
"""


@posix
def test_a_process_killed_in_the_middle_loses_no_record_that_it_was_told_of(
    path: Path, ledger: Ledger, start: Callable[..., Popen[str]]
) -> None:
    for lines in (1, 2, 3, 5, 8, 13, 21, 34):
        child = start(ENDLESS, path)
        assert child.stdout is not None
        ids = [int(child.stdout.readline()) for _ in range(lines)]
        child.kill()
        ids += [int(line) for line in child.stdout.read().splitlines(keepends=True) if line.endswith("\n")]
        records = [record.id for record in ledger.records()]
        assert records == list(range(1, len(records) + 1))
        assert ids[-1] <= records[-1] <= ids[-1] + 1


def test_records_that_are_written_together_are_there_together_or_not_at_all(ledger: Ledger) -> None:
    """The end of the chain is noted only once they are on the disk."""

    def interrupted() -> None:
        with ledger.together():
            ledger.record(Event.LEASED)
            raise KeyboardInterrupt

    ledger.record(Event.PUT)
    noted = ledger.end_file.read_bytes()
    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert ledger.end_file.read_bytes() == noted
    with ledger.together():
        ledger.record(Event.LEASED)
        ledger.record(Event.REMOVED)
        assert ledger.end_file.read_bytes() == noted
    assert ledger.end_file.read_bytes() != noted
    assert [one.event for one in ledger.records()] == [Event.PUT, Event.LEASED, Event.REMOVED]
    assert ledger.verify().faults == ()


def test_a_ledger_that_is_held_is_reported(path: Path, ledger: Ledger) -> None:
    ledger.record(Event.PUT)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StateDamaged, match="is locked by another program"):
            ledger.record(Event.PUT)


@posix
def test_a_read_only_home_is_reported(read_only_home: Path) -> None:
    ledger = Ledger(read_only_home / "ledger.db")
    for use in (ledger.open_moves, ledger.records, lambda: begin(ledger), lambda: ledger.record(Event.PUT)):
        with pytest.raises(StateDamaged):
            use()


@pytest.mark.parametrize("column", ["time = 'x'", "detail = '{'", "workspace = 'NO', name = 'x'"])
def test_a_row_that_means_nothing_is_refused(path: Path, ledger: Ledger, column: str) -> None:
    ledger.record(Event.PUT)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER records_are_not_changed")
        connection.execute(f"UPDATE records SET {column}")
    with pytest.raises(StateDamaged, match="this version of Tokenward cannot read"):
        ledger.records()


def test_a_revocation_ends_once(ledger: Ledger) -> None:
    number = ledger.begin_revocation(FINGERPRINT, "/acme/app.py", None, {"hosts": ["api.example.com"]})
    assert ledger.open_revocations() == ()
    assert ledger.end_revocation(number, Event.REVOKED, "revoked")
    assert not ledger.end_revocation(number, Event.REVOCATION_UNKNOWN, "cut off")
    assert not ledger.end_revocation(begin(ledger), Event.REVOKED, "revoked")
    started, ended, _ = ledger.records()
    assert (started.event, ended.event, ended.move) == (Event.REVOCATION_STARTED, Event.REVOKED, number)
    assert (ended.fingerprint, ended.origin) == (FINGERPRINT, "/acme/app.py")
    assert (started.detail, ended.detail) == ({"hosts": ["api.example.com"]}, {"outcome": "revoked"})


@posix
def test_a_revocation_whose_process_died_is_open_until_it_is_told(path: Path, ledger: Ledger) -> None:
    child = os.fork()
    if child == 0:
        Ledger(path).begin_revocation(FINGERPRINT, "/acme/app.py", REFERENCE, {})
        os._exit(0)
    os.waitpid(child, 0)
    (record,) = ledger.open_revocations()
    assert (record.reference, record.origin) == (REFERENCE, "/acme/app.py")
    assert ledger.open_moves() == ()
    ledger.end_revocation(record.id, Event.REVOCATION_UNKNOWN, "cut off")
    assert ledger.open_revocations() == ()


def test_parts_count_for_one_value_from_a_time_on_until_outputs_are_given_again(ledger: Ledger) -> None:
    before = datetime.now(UTC)
    other = Fingerprint("1" * 32)
    for token in (FINGERPRINT, other, FINGERPRINT):
        ledger.record(Event.PART_HIDDEN, fingerprint=token, detail={"agent": "Codex"})
    assert (ledger.hidden_parts(FINGERPRINT, before), ledger.hidden_parts(other, before)) == (2, 1)
    assert ledger.hidden_parts(FINGERPRINT, datetime.now(UTC)) == 0
    for agent in ("Codex", "Gemini CLI", "Codex"):
        ledger.record(Event.WITHHELD, fingerprint=FINGERPRINT, detail={"agent": agent})
    assert sorted(ledger.withheld_agents()) == ["Codex", "Gemini CLI"]
    ledger.record(Event.LIFTED)
    assert (ledger.hidden_parts(FINGERPRINT, before), ledger.withheld_agents()) == (0, ())
    ledger.record(Event.WITHHELD, detail={"agent": "Codex"})
    assert ledger.withheld_agents() == ("Codex",)


def test_whether_outputs_are_withheld_is_looked_up_and_not_searched_for(path: Path, ledger: Ledger) -> None:
    ledger.record(Event.FOUND)
    with closing(sqlite3.connect(path)) as connection:
        plans = [
            connection.execute(f"EXPLAIN QUERY PLAN {query}", values).fetchall()
            for query, values in ((schema.WITHHELD, ()), (schema.HIDDEN_PARTS, ("", "")))
        ]
    steps = [str(step[-1]) for plan in plans for step in plan if "records" in step[-1]]
    assert len(steps) == 4
    assert all(step.startswith("SEARCH") and "records_of_outputs (event=?" in step for step in steps), steps
