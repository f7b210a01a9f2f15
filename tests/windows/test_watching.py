"""What is watched on Windows: files and folders that appear, change, move and go, and logs that rotate."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from tokenward.safe_files import open_regular
from tokenward.sources.candidate import Candidate
from tokenward.sources.logs.follow import Follower
from tokenward.sources.logs.log_file import LogPortion
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk
from tokenward.sources.watch.watcher import Batch, Pace, Watcher
from windows_shell import Shell

PATIENCE = 60.0


class View:
    """What the batches say is there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: set[str] = set()
        self.news = threading.Condition()

    def take(self, batch: Batch) -> None:
        with self.news:
            self.files = {name for name in self.files if not batch.is_gone(Path(name))}
            self.files |= {str(candidate.path) for candidate in batch.changed}
            if batch.rescan:
                found = walk([self.folder], WalkChoice(), lambda: False)
                self.files = {str(item.path) for item in found if isinstance(item, Candidate)}
            self.news.notify_all()

    def wait(self, is_done: Callable[[], bool]) -> None:
        with self.news:
            assert self.news.wait_for(is_done, PATIENCE), self.files


def test_the_watcher_sees_what_happens_on_disk(shell: Shell) -> None:
    first = shell.write("first.py", b"1")
    view = View(shell.folder)
    pace = Pace(poll=0.2, root_check=0.5, rescan=5.0)
    with closing(Watcher([shell.folder], WalkChoice(), view.take, pace=pace)):
        view.wait(lambda: str(first) in view.files)
        inner = shell.write("new/inner.py", b"2")
        view.wait(lambda: str(inner) in view.files)
        moved = inner.with_name("moved.py")
        inner.rename(moved)
        view.wait(lambda: view.files == {str(first), str(moved)})
        shutil.rmtree(moved.parent)
        view.wait(lambda: view.files == {str(first)})
        first.unlink()
        view.wait(lambda: not view.files)


def test_a_log_is_read_to_its_end_although_it_was_rotated(shell: Shell) -> None:
    log = shell.write("app.log", b"old\n")
    with closing(Follower([str(log)])) as follower:
        with log.open("ab") as file:
            file.write(b"last\n")
        log.rename(log.with_name("app.log.1"))
        log.write_bytes(b"first\n")
        portions = [news.data for news in follower.poll() if isinstance(news, LogPortion)]
    assert portions == [b"last\n", b"first\n"]


def test_a_file_that_is_read_can_be_renamed_and_removed(shell: Shell) -> None:
    log = shell.write("app.log", b"old\n")
    descriptor, _ = open_regular(log)
    moved = log.rename(log.with_name("app.log.1"))
    moved.unlink()
    assert os.read(descriptor, 9) == b"old\n"
    os.close(descriptor)
    assert os.listdir(shell.folder) == []  # noqa: PTH208
