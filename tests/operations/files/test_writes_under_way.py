"""Folders with a write in progress are recorded, and any later command cleans up there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tokenward.operations.files.workplace import Workplace
from tokenward.operations.files.writes_under_way import clear_up, noted


def left_in(folder: Path) -> Workplace:
    """Create the leftovers of a write whose process died."""
    place = Workplace(folder / ".tokenward-left.tmp")
    place.folder.mkdir()
    place.mark.write_text("*\n")
    place.content.write_text("secret")
    return place


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    return tmp_path / "data" / "writes"


def test_a_write_that_ends_leaves_no_note(notes: Path, folder: Path) -> None:
    with noted(notes, [folder]):
        assert len(list(notes.iterdir())) == 1
    assert list(notes.iterdir()) == []


def test_the_note_of_a_running_process_stays(notes: Path, folder: Path) -> None:
    with noted(notes, [folder]):
        clear_up(notes)
        assert len(list(notes.iterdir())) == 1


@pytest.mark.parametrize("clears", [clear_up, lambda notes: noted(notes, []).__enter__()])
def test_what_a_dead_process_noted_is_cleared_up(notes: Path, tmp_path: Path, clears: object) -> None:
    """Even in a folder with any name, by a command elsewhere; a folder that is gone does no harm."""
    folder = Path(os.fsdecode(os.fsencode(tmp_path) + "/a\n\u00fc".encode()))
    folder.mkdir()
    value = left_in(folder)
    notes.mkdir(parents=True)
    note = left_in(notes)
    note.content.write_bytes(b"\0".join([os.fsencode(folder), os.fsencode(tmp_path / "gone"), b""]))
    clears(notes)  # type: ignore[operator]
    assert not value.folder.exists()
    assert not note.folder.exists()


def test_a_note_that_was_cut_off_is_removed(notes: Path) -> None:
    notes.mkdir(parents=True)
    note = left_in(notes)
    note.content.unlink()
    clear_up(notes)
    assert list(notes.iterdir()) == []


def test_without_a_place_for_notes_a_write_goes_on(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with noted(tmp_path / "data" / "writes", [folder]), noted(None, [folder]):
        pass
