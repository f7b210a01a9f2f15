"""The ledger records once that a token appeared and once that it went, and ignores brief appearances."""

from __future__ import annotations

import os
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from desk import Desk
from lsp_client import editor
from tokenward.custody.ledger.events import Event, Record
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Finding, Fingerprint, Point, Surface
from tokenward.operations.excerpts import ledger_name
from tokenward.operations.logs.log_scan import LogFound
from tokenward.operations.open_folder import journal as journals
from tokenward.operations.open_folder.events import FilesFound, FilesGone, ScanFinished
from tokenward.operations.open_folder.journal import Journal
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.sightings import MOST_PLACES, Sightings
from tokenward.sources.candidate import Trouble

PATIENCE = 60.0
FOLDER = Path("/w")
A, B = Path("/w/a.py"), Path("/w/b.py")


def finding(number: int, line: int = 0) -> Finding:
    fingerprint = Fingerprint(f"{number:032x}")
    return Finding("rule.x", "GitHub", "GitHub token", Point(line, 0), Point(line, 9), fingerprint)


ONE, TWO = finding(1), finding(2)


def recorded_events(sightings: Sightings, until: float = 1e9) -> list[tuple[str, str, str]]:
    """Return the event, text and token of each record due now, and mark them as recorded."""
    due = sightings.due(until)
    sightings.mark_recorded(due)
    return [(one.event.value, str(one.origin), str(one.fingerprint)[-1]) for one in due]


def test_a_token_is_found_once_and_withdrawn_once() -> None:
    sightings = Sightings({})
    sightings.set_file("/w/a", [ONE, finding(1, line=7)], Surface.FILE, 0)
    assert [happening.detail["line"] for happening in sightings.due(0)] == [1]
    assert recorded_events(sightings) == [("found", "/w/a", "1")]
    sightings.set_file("/w/a", [finding(1, line=9)], Surface.FILE, 0)
    sightings.set_file("/w/b", [ONE], Surface.FILE, 0)
    assert recorded_events(sightings) == [("found", "/w/b", "1")]
    sightings.set_file("/w/a", [], Surface.FILE, 0)
    assert recorded_events(sightings) == [("withdrawn", "/w/a", "1")]
    assert recorded_events(sightings) == []


def test_what_comes_and_goes_is_not_recorded() -> None:
    sightings = Sightings({})
    sightings.set_document("/w/a", [ONE], 10)
    assert sightings.due(9) == []
    sightings.set_document("/w/a", [ONE, TWO], 11)
    sightings.set_document("/w/a", [ONE], 12)
    assert recorded_events(sightings, 10) == [("found", "/w/a", "1")]
    sightings.set_document("/w/a", [], 13)
    sightings.set_document("/w/a", [ONE], 14)
    assert recorded_events(sightings) == []
    assert sightings.next_change() is None


def test_a_token_stands_while_its_file_or_its_document_holds_it() -> None:
    sightings = Sightings({})
    sightings.set_file("/w/a", [ONE], Surface.FILE, 0)
    sightings.set_document("/w/a", [], 0)
    assert recorded_events(sightings) == [("found", "/w/a", "1")]
    sightings.set_document("/w/a", [TWO], 0)
    assert recorded_events(sightings) == [("found", "/w/a", "2")]
    sightings.close_document("/w/a", 0)
    assert recorded_events(sightings) == [("withdrawn", "/w/a", "2")]


def test_what_is_on_record_is_neither_recorded_anew_nor_withdrawn_before_everything_was_looked_at() -> None:
    recorded = {("/w/a", ONE.fingerprint): "file", ("/w/b", TWO.fingerprint): "document"}
    sightings = Sightings(recorded)
    sightings.set_file("/w/a", [ONE], Surface.FILE, 0)
    sightings.set_document("/w/b", [], 0)
    sightings.close_document("/w/b", 0)
    assert recorded_events(sightings) == []
    sightings.finish_scan(0)
    assert recorded_events(sightings) == [("withdrawn", "/w/b", "2")]


def test_of_what_could_not_be_read_nothing_is_said() -> None:
    recorded = {(place, ONE.fingerprint): "file" for place in ("/w/a", "/w/sub/b", "/w/c")}
    sightings = Sightings(recorded)
    sightings.set_unknown("/w/a")
    sightings.set_unknown("/w/sub")
    sightings.finish_scan(0)
    assert recorded_events(sightings) == [("withdrawn", "/w/c", "1")]


def test_a_log_is_gone_only_when_it_is_told_to_be() -> None:
    sightings = Sightings({("/w/x.log", ONE.fingerprint): "log"})
    sightings.finish_scan(0)
    assert recorded_events(sightings) == []
    sightings.set_file("/w/x.log", [], Surface.LOG, 0)
    assert recorded_events(sightings) == [("withdrawn", "/w/x.log", "1")]


def test_more_than_enough_is_said_and_no_more_recorded() -> None:
    sightings = Sightings({})
    sightings.set_file("/w/a", map(finding, range(MOST_PLACES - 1)), Surface.FILE, 0)
    sightings.set_file("/w/b", [finding(MOST_PLACES)], Surface.FILE, 0)
    assert not sightings.is_full
    sightings.set_file("/w/c", map(finding, range(50_000)), Surface.FILE, 0)
    assert len(recorded_events(sightings)) == MOST_PLACES
    assert sightings.is_full
    sightings.set_file("/w/a", [], Surface.FILE, 0)
    assert len(recorded_events(sightings)) == MOST_PLACES - 1
    sightings.set_file("/w/c", map(finding, range(7)), Surface.FILE, 0)
    assert len(recorded_events(sightings)) == 7


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["file", "document", "closed", "write"]),
        st.sampled_from(["/w/a", "/w/b"]),
        st.sets(st.integers(1, 3)),
    ),
    max_size=30,
)


@given(STEPS)
def test_found_and_withdrawn_take_turns_and_end_with_what_stands(
    steps: list[tuple[str, str, set[int]]],
) -> None:
    sightings = Sightings({})
    on_record: set[tuple[str, str]] = set()
    files: dict[str, set[int]] = {}
    documents: dict[str, set[int]] = {}

    def write() -> None:
        for event, origin, token in recorded_events(sightings):
            assert ((origin, token) in on_record) is (event == "withdrawn")
            on_record.symmetric_difference_update({(origin, token)})

    for step, origin, numbers in steps:
        found = [finding(number) for number in numbers]
        if step == "file":
            files[origin] = numbers
            sightings.set_file(origin, found, Surface.FILE, 0)
        elif step == "document":
            documents[origin] = numbers
            sightings.set_document(origin, found, 0)
        elif step == "closed":
            documents.pop(origin, None)
            sightings.close_document(origin, 0)
        else:
            write()
    sightings.finish_scan(0)
    write()
    held = [*files.items(), *documents.items()]
    assert on_record == {(origin, str(number)) for origin, numbers in held for number in numbers}


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "data" / "ledger.db")


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def journal(ledger: Ledger, said: list[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Journal]:
    monkeypatch.setattr(journals, "SETTLE_SECONDS", 0.05)
    monkeypatch.setattr(journals, "RETRY_SECONDS", 0.2)
    made = Journal(ledger, str, said.append)
    yield made
    made.close()


def events(ledger: Ledger) -> Counter[tuple[str, str]]:
    return Counter((record.event.value, str(record.origin)) for record in ledger.records())


def awaited(condition: Callable[[], bool]) -> None:
    due = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < due
        time.sleep(0.02)


def test_the_news_of_a_folder_is_recorded_in_a_thread(journal: Journal, ledger: Ledger) -> None:
    looked = ScanFinished(files=2, tokens=1, findings=1, seconds=0, was_cancelled=False)
    for place in ("/w/old", "/w/kept", "/w/unreadable"):
        ledger.record(Event.FOUND, fingerprint=TWO.fingerprint, origin=place, detail={"surface": "file"})
    kept = ScannedFile("/w/kept", 9, (TWO,))
    trouble = Trouble(Path("/w/unreadable"), "x", is_failure=True)
    journal.record_event(FOLDER, FilesFound((ScannedFile(str(A), 9, (ONE,)), kept, trouble)))
    journal.record_event(FOLDER, LogFound(Path("/w/x.log"), (ONE,)))
    journal.record_event(FOLDER, LogFound(Path("/elsewhere/x.log"), (ONE,)))
    journal.record_event(FOLDER, looked)
    journal.document_found(FOLDER, B, (ONE,))
    awaited(lambda: len(ledger.records()) == 7)
    assert events(ledger) == {
        ("found", "/w/old"): 1,
        ("found", "/w/kept"): 1,
        ("found", "/w/unreadable"): 1,
        ("found", str(A)): 1,
        ("found", "/w/x.log"): 1,
        ("found", str(B)): 1,
        ("withdrawn", "/w/old"): 1,
    }
    journal.document_closed(FOLDER, B)
    journal.record_event(FOLDER, FilesGone(frozenset({A})))
    awaited(lambda: len(ledger.records()) == 9)
    assert events(ledger)["withdrawn", str(A)] == events(ledger)["withdrawn", str(B)] == 1


def test_a_ledger_that_is_held_is_said_once_and_told_later(
    journal: Journal, ledger: Ledger, said: list[str], tmp_path: Path
) -> None:
    ledger.record(Event.BOUND)
    with closing(sqlite3.connect(tmp_path / "data" / "ledger.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        journal.document_found(FOLDER, A, (ONE,))
        awaited(lambda: bool(said))
        journal.document_found(FOLDER, A, (ONE, TWO))
    awaited(lambda: len(ledger.records()) == 3)
    [sentence] = said
    assert sentence.startswith("The ledger does not record the tokens that were found: ")
    assert "is locked by another program" in sentence


def test_a_path_that_holds_a_token_is_written_without_it(desk: Desk) -> None:
    scanner = desk.context.scanner
    scanner.detector.load()
    token = tokens.github("in a name")
    name = ledger_name(scanner, f"/w/{token}.txt")
    assert token not in name
    assert name.endswith(".txt")
    assert ledger_name(scanner, "/w/plain \x1b.txt") == "/w/plain \x1b.txt"


def places(ledger: Ledger) -> list[tuple[str, str]]:
    wanted = (Event.FOUND, Event.WITHDRAWN)
    return [(one.event.value, _name(one)) for one in ledger.records() if one.event in wanted]


def _name(record: Record) -> str:
    return os.path.basename(record.origin or "")  # noqa: PTH119


@pytest.mark.slow
async def test_a_server_records_what_it_finds_and_a_later_one_what_is_gone(
    absent: dict[str, str], folder: Path
) -> None:
    """Restarts and closing without saving leave each token found once, and withdrawn when it went."""
    ledger = Ledger(Path(absent["HOME"], ".local", "share", "tokenward", "ledger.db"))
    first, second, third = (tokens.github(name) for name in ("first", "second", "third"))
    folder.joinpath("gone.py").write_text(f'A = "{first}"\n')
    folder.joinpath("kept.py").write_text(f'A = "{first}"\nB = "{second}"\n')
    async with editor(absent, folder) as made:
        await made.shown(folder / "kept.py", 2)
        uri = folder.joinpath("kept.py").as_uri()
        made.open(uri, f'A = "{first}"\nB = "{second}"\nC = "{third}"\n')
        awaited(lambda: len(places(ledger)) == 4)
        made.close(uri)
        awaited(lambda: len(places(ledger)) == 5)
    assert sorted(places(ledger)[:4]) == [("found", "gone.py"), *[("found", "kept.py")] * 3]
    assert places(ledger)[4] == ("withdrawn", "kept.py")
    folder.joinpath("gone.py").unlink()
    folder.joinpath("new.py").write_text(f'A = "{third}"\n')
    async with editor(absent, folder) as made:
        await made.shown(folder / "new.py", 1)
        awaited(lambda: len(places(ledger)) >= 7)
    assert sorted(places(ledger)[5:]) == [("found", "new.py"), ("withdrawn", "gone.py")]
    assert ledger.verify().faults == ()
    facts = [record.detail for record in ledger.records() if record.event is Event.FOUND]
    assert Counter((fact["surface"], fact["provider"]) for fact in facts) == {
        ("file", "GitHub"): 4,
        ("document", "GitHub"): 1,
    }
