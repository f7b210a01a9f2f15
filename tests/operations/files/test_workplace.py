"""Leftovers of a write whose process died: Git never commits them, and the next write removes them."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import git_tree
from tokenward.operations.files.workplace import Workplace, remove_leftovers, workplace

BEGIN = """
import sys, time
from pathlib import Path
from tokenward.operations.files.workplace import workplace
with workplace(Path(sys.argv[1])) as place:
    place.content.write_text("secret")
    print(place.folder, flush=True)
    time.sleep(600)
"""


@pytest.fixture
def left(folder: Path) -> Workplace:
    """Return the folder left by a killed process."""
    with subprocess.Popen(
        [sys.executable, "-c", BEGIN, folder], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        place = Workplace(Path(process.stdout.readline().strip()))
        process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGKILL)
    assert place.content.read_text() == "secret"
    return place


def test_nothing_stays_when_a_write_ends(folder: Path) -> None:
    with workplace(folder) as place:
        place.content.write_text("secret")
        assert list(folder.iterdir()) == [place.folder]
    assert list(folder.iterdir()) == []


def test_what_a_killed_write_left_goes_with_the_next_write(folder: Path, left: Workplace) -> None:
    with workplace(folder):
        assert not left.folder.exists()


def test_what_a_running_process_writes_is_left_alone(folder: Path) -> None:
    with workplace(folder) as place:
        place.content.write_text("secret")
        remove_leftovers(folder)
        assert place.content.read_text() == "secret"


def test_git_does_not_see_what_was_left(folder: Path, left: Workplace) -> None:
    git_tree.repository(folder)
    git_tree.git(folder, "add", "--all")
    assert git_tree.git(folder, "ls-files") == b""


@pytest.mark.skipif(os.name == "nt", reason="modes of POSIX")
def test_nobody_else_may_enter(folder: Path) -> None:
    before = os.umask(0)
    try:
        with workplace(folder) as place:
            assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
    finally:
        os.umask(before)


@pytest.mark.parametrize("mark", [None, ""])
def test_one_whose_process_died_at_the_very_beginning_goes(folder: Path, mark: str | None) -> None:
    made = Workplace(folder / ".tokenward-abc.tmp")
    made.folder.mkdir()
    if mark is not None:
        made.mark.write_text(mark)
    remove_leftovers(folder)
    assert not made.folder.exists()


@pytest.mark.skipif(os.name == "nt", reason="what is open is not removed there")
def test_one_that_is_removed_while_it_is_made_is_made_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Until it is locked, another process may take it for a leftover."""
    opening, times = os.open, [0]

    def meddled(path: object, *arguments: int) -> int:
        creates = bool(arguments[0] & os.O_CREAT)
        times[0] += creates
        if creates and times[0] == 1:
            remove_leftovers(folder)
        opened = opening(path, *arguments)  # type: ignore[arg-type]
        if creates and times[0] == 2:
            remove_leftovers(folder)
        return opened

    monkeypatch.setattr(os, "open", meddled)
    with workplace(folder) as place:
        assert times[0] == 3
        assert place.mark.read_text() == "*\n"
    assert list(folder.iterdir()) == []


def test_what_is_not_ours_stays(folder: Path, left: Workplace, tmp_path: Path) -> None:
    (left.folder / "mine").write_text("mine")
    elsewhere = tmp_path / "elsewhere"
    left.folder.rename(elsewhere)
    (folder / ".tokenward-link.tmp").symlink_to(elsewhere)
    (folder / ".tokenward-file.tmp").write_text("mine")
    remove_leftovers(folder)
    assert (elsewhere / "content").read_text() == "secret"
    elsewhere.rename(left.folder)
    remove_leftovers(folder)
    assert (left.folder / "mine").read_text() == "mine"
    assert not left.content.exists()
    assert (folder / ".tokenward-file.tmp").read_text() == "mine"


def test_what_is_kept_for_the_user_stays_and_git_does_not_see_it(folder: Path) -> None:
    with workplace(folder) as place:
        place.content.write_text("theirs")
        kept = place.preserve_content()
    remove_leftovers(folder)
    assert kept.read_text() == "theirs"
    git_tree.repository(folder)
    git_tree.git(folder, "add", "--all")
    assert git_tree.git(folder, "ls-files") == b""
