"""Text that another program writes during a replacement is never lost, whatever the moment."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tokenward.errors import EditRefused, EditUncertain
from tokenward.operations.files import file_writing
from tokenward.operations.files.file_writing import create_file, remove_file, replace_file
from tokenward.operations.files.workplace import sync_folder

posix = pytest.mark.skipif(os.name == "nt", reason="files are open for one program at a time on Windows")
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells who has a file open")
OLD, NEW, THEIRS = b"token\n", b"reference\n", b"theirs\n"
Writer = Callable[[Path], None]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Skip fsync: power cuts are tested elsewhere, and these tests write some thousand files."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def append(path: Path) -> None:
    # Without waiting: in a separate process, opening would block until the inspection ends.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK), "wb") as file:
        file.write(THEIRS)


def put_another(path: Path) -> None:
    """Replace the file, as most editors do on save."""
    other = path.with_name("other")
    other.write_bytes(path.read_bytes() + THEIRS)
    other.replace(path)


def overwrite(path: Path) -> None:
    content = path.read_bytes()
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_TRUNC | os.O_NONBLOCK), "wb") as file:
        file.write(content + THEIRS)


class Interruption:
    """Runs an action before a certain call into C in a block, or after the block if it makes fewer calls."""

    def __init__(self, at: int, work: Callable[[], object]) -> None:
        self._left, self._work, self.was_reached = at, work, False

    def __enter__(self) -> None:
        sys.setprofile(self._step)

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)
        if not self.was_reached:
            self._work()

    def _step(self, _: object, event: str, __: object) -> None:
        self._left -= event == "c_call"
        if self._left > 0 or self.was_reached:
            return
        sys.setprofile(None)
        # If it would block, it is tried again at the next call.
        with contextlib.suppress(BlockingIOError):
            self._work()
            self.was_reached = True
        sys.setprofile(self._step)


def replaced(path: Path) -> bool:
    try:
        replace_file(path, NEW, OLD)
    except EditRefused:
        return False
    return True


@posix
@pytest.mark.parametrize(
    ("writer", "can_exchange"),
    [(append, True), (put_another, True), (overwrite, True), (append, False), (overwrite, False)],
)
def test_whatever_is_written_at_any_step_stands_in_the_file(
    tmp_path: Path, writer: Writer, can_exchange: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Either the file is as the other program made it, or it was written by that program after us."""
    if not can_exchange:
        monkeypatch.setattr(file_writing, "exchange", lambda *_: False)
    path = tmp_path / "a.env"
    outcomes = list[bool]()
    is_over = False
    while not is_over:
        path.write_bytes(OLD)
        interruption = Interruption(len(outcomes) + 1, lambda: writer(path))
        with interruption:
            outcomes.append(replaced(path))
        assert path.read_bytes() == (NEW if outcomes[-1] else OLD) + THEIRS, len(outcomes)
        assert list(tmp_path.iterdir()) == [path]
        is_over = not interruption.was_reached
    assert len(outcomes) > 100
    assert set(outcomes) == {True, False}


@linux
@pytest.mark.parametrize("first", range(1, 9))
def test_what_is_written_to_a_file_that_was_open_before_is_not_lost(
    tmp_path: Path, first: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A program may open it at any step and write when all is over, as to a log."""
    monkeypatch.setattr(file_writing, "_PATIENCE", 0.01)
    path, opened = tmp_path / "a.log", list[int]()

    def open_it() -> None:
        opened.append(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_NONBLOCK))

    step, is_over = first, False
    while not is_over:
        path.write_bytes(OLD)
        interruption = Interruption(step, open_it)
        with interruption:
            is_written = replaced(path)
        os.write(opened[-1], THEIRS)
        os.close(opened[-1])
        assert path.read_bytes() == (NEW if is_written else OLD) + THEIRS, step
        assert list(tmp_path.iterdir()) == [path]
        is_over = not interruption.was_reached
        step += 8
    assert len(opened) > 10


@linux
def test_a_program_that_keeps_the_file_open_is_said(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(OLD)
    with path.open("ab"), pytest.raises(EditRefused, match="open for writing"):
        replace_file(path, NEW, OLD)
    assert path.read_bytes() == OLD


@linux
def test_an_opening_that_has_to_wait_ends_no_process(tmp_path: Path) -> None:
    """The system signals that a program wants to write to a file under inspection."""
    path = tmp_path / "a.env"
    path.write_bytes(OLD)
    with path.open("rb") as file:
        assert file_writing.is_at_rest(file.fileno())
        writer = subprocess.Popen(
            [sys.executable, "-c", "import sys; open(sys.argv[1], 'a').write('x')", path]
        )
        with pytest.raises(subprocess.TimeoutExpired):
            writer.wait(1)
    assert writer.wait(60) == 0
    assert path.read_bytes() == OLD + b"x"


@posix
def test_two_programs_that_write_at_once_both_keep_what_they_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One program writes the file being replaced, and then another writes its replacement."""
    path = tmp_path / "a.env"
    path.write_bytes(OLD)
    exchange, times = file_writing.exchange, [0]

    def meddled(one: Path, other: Path) -> bool:
        times[0] += 1
        append(path)
        return exchange(one, other)

    monkeypatch.setattr(file_writing, "exchange", meddled)
    with pytest.raises(EditUncertain) as caught:
        replace_file(path, NEW, OLD)
    (kept,) = tmp_path.glob(".tokenward-*.kept")
    assert str(kept / "content") in str(caught.value)
    assert times == [2]
    assert (path.read_bytes(), (kept / "content").read_bytes()) == (OLD + THEIRS, NEW + THEIRS)


@posix
def test_rights_that_are_taken_meanwhile_are_not_given_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.env"
    path.write_bytes(OLD)
    path.chmod(0o644)
    monkeypatch.setattr(file_writing, "sync_folder", lambda folder: (path.chmod(0o600), sync_folder(folder)))
    with pytest.raises(EditRefused, match="has changed"):
        replace_file(path, NEW, OLD)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (OLD, 0o600)


@posix
@pytest.mark.parametrize("writer", [append, put_another])
def test_a_new_file_is_taken_back_only_as_long_as_it_is_ours(tmp_path: Path, writer: Writer) -> None:
    path = tmp_path / "new.env"
    step, is_over = 1, False

    def write() -> None:
        with contextlib.suppress(FileNotFoundError):
            writer(path)

    while not is_over:
        create_file(path, NEW)
        interruption = Interruption(step, write)
        with interruption:
            remove_file(path, NEW)
        assert not path.exists() or path.read_bytes() == NEW + THEIRS
        path.unlink(missing_ok=True)
        tmp_path.joinpath("other").unlink(missing_ok=True)
        assert list(tmp_path.iterdir()) == []
        is_over = not interruption.was_reached
        step += 1


def test_a_file_that_is_there_is_not_created(tmp_path: Path) -> None:
    path = tmp_path / "new.env"
    path.write_bytes(THEIRS)
    with pytest.raises(FileExistsError):
        create_file(path, NEW)
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == THEIRS
