"""One file is one place in the ledger, whatever path names it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.custody.ledger.histories import histories
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Fingerprint, Reference
from tokenward.places import canonical

TOKEN = Fingerprint("0" * 32)
REFERENCE = Reference("acme-api", "GITHUB_TOKEN")


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
    ledger.confirm_move(
        ledger.record_start(NewRecord(Event.MOVE_STARTED, REFERENCE, TOKEN, spellings(file)[0], None, {})), {}
    )
    for name in spellings(file):
        assert [record.reference for record in ledger.last_moved(name)] == [REFERENCE]


def test_a_token_seen_under_several_spellings_stands_in_one_place(tmp_path: Path, file: Path) -> None:
    ledger = Ledger(tmp_path / "ledger.db")
    for name in spellings(file):
        ledger.record(Event.FOUND, fingerprint=TOKEN, origin=name, detail={"surface": "file"})
    for folder in (file.parent, file.parent.with_name("link")):
        assert list(ledger.present_tokens(folder)) == [(str(file), TOKEN)]
    assert [place.origin for place in histories(ledger.records())[0].places] == [str(file)]
