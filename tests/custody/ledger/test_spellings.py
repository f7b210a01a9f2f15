"""One file is one place in the ledger, whatever path names it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tokenward.custody.chain.chain import Chain, LedgerRow
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.histories import histories
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.schema import LEDGER
from tokenward.model import Fingerprint, Reference
from tokenward.places import canonical

TOKEN = Fingerprint("0" * 32)
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")
LONG_AGO = "2020-01-01T00:00:00.000000+00:00"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file in a folder that a link leads to."""
    path = Path(os.path.realpath(tmp_path)) / "project" / "app.py"
    path.parent.mkdir()
    path.write_text("")
    (path.parent / "sub").mkdir()
    path.parent.with_name("link").symlink_to(path.parent)
    return path


def spellings(file: Path) -> list[str]:
    folder = file.parent
    return [f"{folder}/sub/../app.py", f"{folder.with_name('link')}/app.py", f"{folder}//./app.py", str(file)]


def test_a_path_has_one_spelling_whatever_it_is_named_by(file: Path) -> None:
    assert {canonical(name) for name in spellings(file)} == {str(file)}


def test_so_has_the_path_of_a_file_that_is_not_there_yet(file: Path) -> None:
    file.unlink()
    assert {canonical(name) for name in spellings(file)} == {str(file)}


@pytest.mark.parametrize("name", ["untitled:Untitled-1", "file:///a/../b", "a/../b", "", "/a\0b"])
def test_what_is_no_path_stays_as_it_is(name: str) -> None:
    assert canonical(name) == name


def test_a_link_and_what_it_leads_to_are_one_file(file: Path) -> None:
    other = file.with_name("other.py")
    other.symlink_to(file)
    assert canonical(str(other)) == str(file)


def test_a_move_is_found_by_every_spelling_of_its_file(tmp_path: Path, file: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    ledger.confirm_move(ledger.begin_move(REFERENCE, TOKEN, spellings(file)[0], {}), {})
    for name in spellings(file):
        assert [record.reference for record in ledger.last_moved(name)] == [REFERENCE]


def test_a_token_seen_under_several_spellings_stands_in_one_place(tmp_path: Path, file: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    for name in spellings(file):
        ledger.record(Event.FOUND, fingerprint=TOKEN, origin=name, detail={"surface": "file"})
    for folder in (file.parent, file.parent.with_name("link")):
        assert list(ledger.present_tokens(folder)) == [(str(file), TOKEN)]
    assert [place.origin for place in histories(ledger.records())[0].places] == [str(file)]


def written_before(path: Path, file: Path) -> None:
    """A ledger of an earlier version, with a move out of a file and sightings of it under several spellings."""
    reference = (REFERENCE.workspace, REFERENCE.name, TOKEN)
    with Database(path, LEDGER[:3]).write() as connection:
        chain = Chain(connection)
        for name in spellings(file):
            move = chain.append(LedgerRow(LONG_AGO, "move_started", *reference, name, 1, 1, None, "{}"))
            chain.append(LedgerRow(LONG_AGO, "moved", *reference, name, 1, None, move, "{}"))
            found = json.dumps({"surface": "file"})
            chain.append(LedgerRow(LONG_AGO, "found", None, None, TOKEN, name, 1, None, None, found))


def test_what_an_earlier_tokenward_wrote_is_found_by_one_spelling_and_stays_chained(
    tmp_path: Path, file: Path
) -> None:
    path = tmp_path / "ledger.db"
    written_before(path, file)
    ledger = Ledger(path)
    assert len(ledger.last_moved(str(file))) == len(spellings(file))
    assert list(ledger.present_tokens(file.parent)) == [(str(file), TOKEN)]
    assert {record.origin for record in ledger.records()} == {str(file)}
    assert ledger.verify().faults == ()
    for record in ledger.last_moved(str(file)):
        ledger.record(Event.RESTORED, reference=REFERENCE, origin=record.origin, move=record.move)
    assert ledger.last_moved(str(file)) == ()


def test_a_path_that_is_another_file_since_is_that_file(tmp_path: Path, file: Path) -> None:
    """Only earlier rows are read by the link's target at that time."""
    path, link = tmp_path / "ledger.db", file.with_name("other.py")
    link.symlink_to(file)
    with Database(path, LEDGER[:3]).write() as connection:
        row = LedgerRow(LONG_AGO, "found", None, None, TOKEN, str(link), 1, None, None, "{}")
        Chain(connection).append(row)
    ledger = Ledger(path)
    assert list(ledger.present_tokens(file.parent)) == [(str(file), TOKEN)]
    link.unlink()
    link.write_text("")
    ledger.record(Event.FOUND, fingerprint=TOKEN, origin=str(link))
    assert sorted(ledger.present_tokens(file.parent)) == [(str(file), TOKEN), (str(link), TOKEN)]


def test_the_retention_forgets_spellings_too(tmp_path: Path, file: Path) -> None:
    path = tmp_path / "ledger.db"
    written_before(path, file)
    ledger = Ledger(path)
    for record in ledger.last_moved(str(file)):
        ledger.record(Event.RESTORED, reference=REFERENCE, origin=record.origin, move=record.move)
    ledger.record(Event.WITHDRAWN, fingerprint=TOKEN, origin=str(file))
    ledger.record(Event.REMOVED, reference=REFERENCE)
    assert ledger.remove_old(ledger.records()[-1].time) > 0
    assert str(file.parent / "sub") not in path.read_bytes().decode("latin-1")
