"""Retention removes old rows that nothing depends on, and leaves a chain that verifies."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from subprocess import Popen

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.bindings.renames import (
    announced_rename,
    end_rename,
    later_names_of,
    names_of,
    undo_rename,
)
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference

REFERENCE = Reference("acme", "GITHUB_TOKEN")
OTHER = Reference("acme", "OTHER")
FINGERPRINT = Fingerprint("0" * 32)


def soon() -> datetime:
    """Return a time after all recorded events."""
    return datetime.now(UTC) + timedelta(hours=1)


def kept(ledger: Ledger) -> list[tuple[int, str]]:
    """Return the records that remain after retention removes all it may."""
    ledger.remove_old(soon())
    assert ledger.verify().faults == ()
    return [
        (record.id, record.event.value) for record in ledger.records() if record.event is not Event.PRUNED
    ]


def test_what_is_old_goes_and_what_is_young_stays(path: Path, ledger: Ledger) -> None:
    for number in range(3):
        ledger.record(Event.BOUND, origin=f"/secret-place-{number}", detail={"workspace": "acme"})
    middle = ledger.records()[1].time
    assert ledger.remove_old(middle) == 1
    removed, *others = ledger.records()[0], *ledger.records()[1:]
    assert [record.id for record in (removed, *others)] == [2, 3, 4]
    assert others[-1].event is Event.PRUNED
    assert others[-1].detail["rows"] == [[1, 1]]
    verdict = ledger.verify()
    assert (verdict.rows, verdict.emptied, verdict.faults) == (4, 1, ())
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert b"secret-place-0" not in everything
    assert b"secret-place-1" in everything


def test_nothing_old_is_nothing_done(ledger: Ledger) -> None:
    ledger.record(Event.PUT, reference=REFERENCE)
    assert ledger.remove_old(datetime(2020, 1, 1, tzinfo=UTC)) == 0
    assert len(ledger.records()) == 1


def test_a_move_that_can_be_restored_stays_until_it_is(ledger: Ledger) -> None:
    move = ledger.record_start(NewRecord(Event.MOVE_STARTED, REFERENCE, FINGERPRINT, "/a", None, {}))
    ledger.confirm_stored(move)
    ledger.confirm_move(move, {"undo": ["x"]})
    assert kept(ledger) == [(3, "moved")]
    assert [record.detail for record in ledger.last_moved("/a")] == [{"undo": ["x"]}]
    assert ledger.open_moves() == ()
    assert not ledger.undo_move(move, "")
    ledger.record(Event.RESTORED, reference=REFERENCE, origin="/a", move=move)
    ledger.record(Event.REMOVED, reference=REFERENCE)
    assert kept(ledger) == []
    assert ledger.last_moved("/a") == ()


OPEN = """
import sys
from pathlib import Path
from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference
ledger = Ledger(Path(sys.argv[1]))
token = Reference("acme", "GITHUB_TOKEN"), Fingerprint("0" * 32)
ledger.confirm_stored(ledger.record_start(NewRecord(Event.MOVE_STARTED, *token, "/a")))
ledger.begin_revocation(Fingerprint("0" * 32), "/a", None, {"hosts": []})
"""


def test_what_is_open_stays(path: Path, ledger: Ledger, start: Callable[..., Popen[str]]) -> None:
    start(OPEN, path).communicate()
    assert kept(ledger) == [(1, "move_started"), (2, "stored"), (3, "revocation_started")]
    assert [move.id for move in ledger.open_moves()] == [1]
    assert ledger.undo_move(1, "recovered")
    assert ledger.end_revocation(3, Event.REVOCATION_UNKNOWN, "cut off")
    assert kept(ledger) == []


def test_what_says_that_a_token_was_renamed_goes_and_its_storing_stays(ledger: Ledger) -> None:
    entry = TokenEntry(REFERENCE, FINGERPRINT, "", datetime.now(UTC))
    ledger.record(Event.PUT, reference=REFERENCE)
    number = ledger.record_start(announced_rename(entry, "/w", OTHER.name, is_again=False))
    assert kept(ledger) == [(1, "put"), (2, "rename_started")]
    ledger.record(Event.PUT, reference=OTHER, move=number, detail={"from": REFERENCE.name})
    assert end_rename(ledger, number, OTHER.name)
    assert not undo_rename(ledger, number, "too late")
    assert names_of(ledger, OTHER) == (OTHER, REFERENCE)
    assert later_names_of(ledger, REFERENCE, 1) == (REFERENCE, OTHER)
    kept(ledger)
    assert [event for _, event in kept(ledger)] == ["put"]
    assert names_of(ledger, OTHER) == (OTHER, REFERENCE)


def test_the_last_of_each_event_of_a_stored_token_stays(ledger: Ledger) -> None:
    for reference in (REFERENCE, OTHER):
        ledger.record(Event.PUT, reference=reference)
        ledger.record(Event.RESOLVED, reference=reference)
        ledger.record(Event.RESOLVED, reference=reference)
    ledger.record(Event.REMOVED, reference=OTHER)
    assert kept(ledger) == [(1, "put"), (3, "resolved")]
    assert ledger.last(Event.RESOLVED, REFERENCE) is not None
    assert ledger.is_relied_on(REFERENCE, 0)


def test_a_sighting_stays_while_the_token_stands(ledger: Ledger) -> None:
    for origin in ("/w/a", "/w/b"):
        ledger.record(Event.FOUND, fingerprint=FINGERPRINT, origin=origin, detail={"surface": "file"})
    ledger.record(Event.FOUND, fingerprint=FINGERPRINT, origin="/w", detail={"surface": "terminal"})
    ledger.record(Event.WITHDRAWN, fingerprint=FINGERPRINT, origin="/w/a")
    assert kept(ledger) == [(2, "found")]
    assert ledger.present_tokens(Path("/w")) == {("/w/b", FINGERPRINT): "file"}


def test_what_withholds_outputs_stays_until_they_are_given_again(ledger: Ledger) -> None:
    ledger.record(Event.PART_HIDDEN, fingerprint=FINGERPRINT, detail={"agent": "Codex"})
    ledger.record(Event.WITHHELD, fingerprint=FINGERPRINT, detail={"agent": "Codex"})
    assert kept(ledger) == [(2, "withheld")]
    assert ledger.withheld_agents() == ("Codex",)
    ledger.record(Event.LIFTED)
    assert kept(ledger) == []
    assert ledger.withheld_agents() == ()


def test_many_rows_go_in_portions_that_are_each_recorded(ledger: Ledger) -> None:
    ledger.record_all(NewRecord(Event.BOUND) for _ in range(4_500))
    assert ledger.remove_old(soon()) == 4_500
    assert [record.detail["rows"] for record in ledger.records()] == [
        [[1, 2000]],
        [[2001, 4000]],
        [[4001, 4500]],
    ]
    assert ledger.verify().faults == ()
    assert ledger.remove_old(soon()) == 0


def test_standing_tells_the_folder_from_its_neighbours(ledger: Ledger) -> None:
    for origin in ("/w/a", "/w/b/c", "/wx/a", "/w", "/w0"):
        ledger.record(Event.FOUND, fingerprint=FINGERPRINT, origin=origin, detail={"surface": "file"})
    ledger.record(Event.WITHDRAWN, fingerprint=FINGERPRINT, origin="/w/a")
    ledger.record(Event.FOUND, fingerprint=FINGERPRINT, origin="/w/a", detail={"surface": "document"})
    assert ledger.present_tokens(Path("/w")) == {
        ("/w/a", FINGERPRINT): "document",
        ("/w/b/c", FINGERPRINT): "file",
    }
    assert len(ledger.present_tokens(Path("/"))) == 5
