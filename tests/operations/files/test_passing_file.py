"""Files for the life of a command, killed at every step: private at any moment, and gone after the next clearing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tokens
from killed import KILLED, kill_at
from tokenward.errors import TokenwardError
from tokenward.model import Secret
from tokenward.operations.files.passing_file import PassingFile
from tokenward.operations.files.workplace import Workplace, remove_leftovers, workplace
from tokenward.operations.files.writes_under_way import clear_up, noted, present

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="SIGKILL and fork are POSIX's")

VALUE = Secret(tokens.github("passing"))
CONTENT = Secret(f"token: {VALUE.reveal()}\n")


@pytest.fixture(autouse=True)
def umask() -> Iterator[None]:
    """A umask that keeps nothing from others."""
    before = os.umask(0)
    yield
    os.umask(before)


def wanted(folder: Path) -> list[PassingFile]:
    return [
        PassingFile(folder / "place.yml", CONTENT, [VALUE]),
        PassingFile(
            folder / "private" / "named.yml",
            CONTENT,
            [VALUE],
            folder / "private",
            others=[(folder / "private" / "inner" / "other.yml", CONTENT)],
        ),
    ]


def killed_at(step: int, notes: Path, files: list[PassingFile]) -> bool:
    """Create and remove files in another process, killed before their change number `step`; return whether it was."""
    child = os.fork()
    if child == 0:
        sys.setprofile(kill_at(step, files[0].path.parent, notes.parent))
        with present(notes, files, print):
            pass
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def is_there(file: PassingFile, notes: Path) -> bool:
    found = file.path.exists()
    clear_up(notes)
    return found


@pytest.mark.slow
def test_a_kill_at_any_step_leaves_what_the_next_clearing_removes(tmp_path: Path, folder: Path) -> None:
    notes, step, most = tmp_path / "writes", 1, 0
    notes.mkdir(0o700)
    while killed_at(step, notes, wanted(folder)):
        left = [path for path in folder.rglob("*.yml") if path.exists()]
        assert {path.stat().st_mode & 0o777 for path in left} <= {0o600}
        assert {path.stat().st_mode & 0o777 for path in folder.glob("private")} <= {0o700}
        most = max(most, len(left))
        assert VALUE.reveal() not in "".join(path.read_text() for path in notes.rglob("*") if path.is_file())
        assert clear_up(notes) == []
        assert [*folder.iterdir(), *notes.iterdir()] == []
        step += 1
    assert most == 3
    assert step > 30
    assert [*folder.iterdir(), *notes.iterdir()] == []


def test_nothing_is_left_of_files_whose_names_are_the_same_to_the_system(
    tmp_path: Path, folder: Path
) -> None:
    private = folder / "private"
    file = PassingFile(private / "a", CONTENT, [VALUE], private, others=[(private / "a", CONTENT)])
    with pytest.raises(TokenwardError), present(tmp_path / "writes", [file], print):
        pass
    assert not private.exists()


@pytest.mark.slow
def test_what_was_not_created_yet_is_not_taken_for_ours(tmp_path: Path, folder: Path) -> None:
    """A user's file of that name, which came between the kill and the clearing, stays whatever is in it."""
    notes, step = tmp_path / "data" / "writes", 1
    (file, *_) = wanted(folder)
    while killed_at(step, notes, [file]):
        if not file.path.exists():
            file.path.write_text("mine")
            clear_up(notes)
            assert file.path.read_text() == "mine"
            file.path.unlink()
        clear_up(notes)
        step += 1


@pytest.mark.slow
def test_what_took_the_place_of_a_leftover_stays(tmp_path: Path, folder: Path) -> None:
    notes = tmp_path / "data" / "writes"
    (file, *_) = wanted(folder)
    step, last = 1, 0
    while killed_at(step, notes, [file]):
        last = step if is_there(file, notes) else last
        step += 1
    for change in ("replaced", "link", "folder", "changed"):
        assert killed_at(last, notes, [file])
        kept = tmp_path / f"kept {change}"
        if change == "changed":
            with file.path.open("a") as opened:
                opened.write("mine")
        else:
            # Kept under another name, so that no other file gets its number.
            file.path.rename(kept)
            if change == "folder":
                file.path.mkdir()
            elif change == "link":
                file.path.symlink_to(kept)
            else:
                file.path.write_text("mine")
        said = clear_up(notes)
        assert os.path.lexists(file.path), change
        assert [*notes.iterdir()] == [], change
        assert len(said) == (change == "changed")
        if file.path.is_dir():
            file.path.rmdir()
        else:
            file.path.unlink()


def test_a_record_in_a_workspace_removes_nothing(tmp_path: Path, folder: Path) -> None:
    """A stranger's repository may contain what looks like a leftover of ours."""
    kept = tmp_path / "kept"
    kept.mkdir()
    (kept / "file").write_text("mine")
    left = Workplace(folder / ".tokenward-stranger.tmp")
    left.folder.mkdir()
    left.mark.write_text("*\n")
    left.passing.write_bytes(b"\0".join([os.fsencode(kept / "file"), os.fsencode(kept), b""]))
    remove_leftovers(folder)
    with noted(tmp_path / "writes", [folder]), workplace(folder):
        pass
    clear_up(tmp_path / "writes")
    assert (kept / "file").read_text() == "mine"


def test_what_cannot_be_removed_is_named_and_removed_later(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    notes, said = tmp_path / "writes", list[str]()
    (file, *_) = wanted(folder)
    with monkeypatch.context() as patched, present(notes, [file], said.append):
        patched.setattr(Path, "unlink", _refuse)
    assert (len(said), "cannot be removed" in said[0], file.path.exists()) == (1, True, True)
    assert clear_up(notes) == []
    assert not file.path.exists()
    assert [*notes.iterdir()] == []


def _refuse(path: Path, *, missing_ok: bool = False) -> None:
    raise PermissionError(13, "Permission denied")


def test_without_a_place_for_the_note_nothing_is_written(tmp_path: Path, folder: Path) -> None:
    (tmp_path / "data").write_text("no folder")
    with (
        pytest.raises(Exception, match="cannot be written"),
        present(tmp_path / "data", wanted(folder), print),
    ):
        pass
    assert [*folder.iterdir()] == []
