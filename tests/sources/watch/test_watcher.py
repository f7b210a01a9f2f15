"""Whatever happens on disk, applying the batches gives the same result as a fresh walk."""

from __future__ import annotations

import errno
import os
import random
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from queue import Queue

import pytest
from watchdog.events import FileMovedEvent, FileSystemEventHandler

import git_tree
from tokenward.sources.candidate import Candidate, Identity
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.walk.walk import walk
from tokenward.sources.watch import watchdog_tree
from tokenward.sources.watch.listener import Listener, ListenerFactory, system_listener
from tokenward.sources.watch.watchdog_tree import TreeListener
from tokenward.sources.watch.watcher import RESCAN_SECONDS, Batch, Pace, Watcher

# watchdog warns about its own records; on Linux it substitutes for the systems that use it.
pytestmark = pytest.mark.filterwarnings("ignore:Callback with id:RuntimeWarning")

PATIENCE = 60.0
linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


def refused(_roots: Sequence[str], _change: Callable[[str], None], _loss: Callable[[], None]) -> Listener:
    raise OSError(errno.ENOSPC, "no space")


LISTENERS: dict[str, ListenerFactory] = {
    "system": system_listener,
    "watchdog": TreeListener,
    "polling": refused,
}


class View:
    """A reader of the batches, with each file's identity."""

    def __init__(self, roots: list[Path], opening: ListenerFactory, choice: WalkChoice) -> None:
        self.roots, self.choice = roots, choice
        self.files: dict[Path, Identity] = {}
        self.batches: list[Batch] = []
        self.lock = threading.Lock()
        # An unreliable listener may lose a change under load; its slow rescan makes up for that.
        rescan = 5.0 if opening is TreeListener else RESCAN_SECONDS
        pace = Pace(poll=0.1, root_check=0.2, rescan=rescan)
        self.watcher = Watcher(roots, choice, self.take, pace=pace, opening=opening)
        self.wait(lambda: bool(self.batches))

    def take(self, batch: Batch) -> None:
        with self.lock:
            self.files = {path: identity for path, identity in self.files.items() if not batch.is_gone(path)}
            self.files |= {candidate.path: candidate.identity for candidate in batch.changed}
            if batch.rescan:
                self.files = self.fresh()
            self.batches.append(batch)

    def fresh(self) -> dict[Path, Identity]:
        found = walk(self.roots, self.choice, lambda: False)
        return {item.path: item.identity for item in found if isinstance(item, Candidate)}

    def settle(self) -> None:
        """Wait until the view matches the disk."""
        self.wait(lambda: self.files == self.fresh())

    def wait(self, is_done: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE
        while not is_done():
            if time.monotonic() > end:
                fresh = self.fresh()
                differing = {
                    path for path in {*fresh, *self.files} if fresh.get(path) != self.files.get(path)
                }
                pytest.fail(f"{len(differing)} differ, such as {sorted(differing)[:5]}")
            time.sleep(0.02)


Viewing = Callable[..., View]


@pytest.fixture
def viewing() -> Iterator[Viewing]:
    views: list[View] = []

    def view(
        *roots: Path, opening: ListenerFactory = system_listener, choice: WalkChoice | None = None
    ) -> View:
        views.append(View(list(roots), opening, choice or WalkChoice()))
        return views[-1]

    yield view
    for one in views:
        one.watcher.close()


@pytest.fixture(params=LISTENERS)
def opening(request: pytest.FixtureRequest) -> ListenerFactory:
    return LISTENERS[request.param]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "acme"
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "deep" / "a.py").write_text("a")
    (root / ".env").write_text("b")
    return root


def test_the_first_batch_asks_for_a_walk(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    view = viewing(root, opening=opening)
    assert view.batches[0].rescan
    assert set(view.files) == {root / "src" / "deep" / "a.py", root / ".env"}


def test_files_that_come_change_and_go_are_told(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    view = viewing(root, opening=opening)
    (root / "new.txt").write_text("n")
    view.settle()
    (root / "new.txt").write_text("changed")
    (root / ".env").unlink()
    view.settle()
    assert root / ".env" not in view.files


def test_a_file_saved_by_replacing_it_is_told(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    view = viewing(root, opening=opening)
    (root / ".env~").write_text("new")
    (root / ".env~").replace(root / ".env")
    view.settle()
    assert any(candidate.name == ".env" for batch in view.batches for candidate in batch.changed)


def test_nested_new_folders_are_told_with_their_files(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    view = viewing(root, opening=opening)
    for number in range(30):
        folder = root / f"n{number}" / "x" / "y"
        folder.mkdir(parents=True)
        (folder / "f.txt").write_text("f")
    view.settle()
    (root / "n7" / "x" / "y" / "g.txt").write_text("g")
    view.settle()


def test_a_renamed_folder_takes_its_files_along(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    view = viewing(root, opening=opening)
    (root / "src").rename(root / "lib")
    view.settle()
    (root / "lib" / "deep" / "b.py").write_text("b")
    (root / "src" / "deep").mkdir(parents=True)
    (root / "src" / "deep" / "c.py").write_text("c")
    view.settle()


def test_a_folder_moved_away_and_back_is_told(
    root: Path, tmp_path: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    view = viewing(root, opening=opening)
    (root / "src").rename(tmp_path / "away")
    view.settle()
    (tmp_path / "away" / "deep" / "a.py").write_text("changed outside")
    (tmp_path / "away").rename(root / "src")
    view.settle()


def test_a_folder_that_is_replaced_at_once_is_told(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    view = viewing(root, opening=opening)
    shutil.rmtree(root / "src")
    (root / "src").write_text("a file now")
    (root / ".env").unlink()
    (root / ".env").mkdir()
    (root / ".env" / "inner").write_text("x")
    view.settle()


def test_a_root_that_is_deleted_and_made_again_is_told(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    view = viewing(root, opening=opening)
    shutil.rmtree(root)
    view.wait(lambda: not view.files)
    (root / "src").mkdir(parents=True)
    (root / "src" / "again.py").write_text("x")
    view.settle()
    (root / "src" / "again.py").write_text("heard")
    view.settle()


def test_a_root_whose_parent_is_renamed_is_gone(
    root: Path, tmp_path: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    (tmp_path / "around").mkdir()
    root.rename(tmp_path / "around" / "acme")
    view = viewing(tmp_path / "around" / "acme", opening=opening)
    (tmp_path / "around").rename(tmp_path / "elsewhere")
    view.wait(lambda: not view.files)


def test_a_new_ignore_rule_holds_at_once(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    view = viewing(git_tree.empty_repository(root), opening=opening)
    (root / ".gitignore").write_text("*.py\n")
    view.wait(lambda: set(view.files) == {root / ".env", root / ".gitignore"})
    (root / ".gitignore").unlink()
    view.settle()
    assert root / "src" / "deep" / "a.py" in view.files


@pytest.mark.slow
def test_a_burst_is_told_in_few_batches(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    view = viewing(root, opening=opening)
    for number in range(5_000):
        folder = root / f"d{number % 50}"
        folder.mkdir(exist_ok=True)
        (folder / f"{number}.txt").write_text("x")
    view.settle()
    assert len(view.files) == 5_002
    assert len(view.batches) < 500


def test_a_branch_switch_is_told(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)

    git("init", "-b", "one")
    git("add", "-A")
    git("commit", "-m", "one")
    git("checkout", "-b", "two")
    shutil.rmtree(root / "src")
    for number in range(300):
        (root / f"t{number % 7}").mkdir(exist_ok=True)
        (root / f"t{number % 7}" / f"{number}.txt").write_text("two")
    (root / ".gitignore").write_text("*.tmp\n")
    git("add", "-A")
    git("commit", "-m", "two")
    view = viewing(root, opening=opening)
    git("checkout", "one")
    view.settle()
    assert root / "src" / "deep" / "a.py" in view.files
    git("checkout", "two")
    view.settle()


def test_files_in_a_folder_that_is_not_entered_are_told(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    """Git's configuration, in which a remote's address may contain a token."""
    git_tree.repository(root)
    view = viewing(root, opening=opening)
    git_tree.git(root, "config", "remote.origin.url", "https://localhost/acme.git")
    view.settle()
    (root / ".git" / "config").unlink()
    view.settle()
    assert root / ".git" / "config" not in view.files
    git_tree.repository(root / "inner")
    view.settle()
    git_tree.git(root / "inner", "config", "remote.origin.url", "https://localhost/inner.git")
    view.settle()
    assert root / "inner" / ".git" / "config" in view.files


def test_an_ignored_file_is_told_while_git_tracks_it(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    git_tree.repository(root)
    (root / ".gitignore").write_text("*.dat\ndeep/\n")
    (root / "a.dat").write_text("a")
    view = viewing(root, opening=opening)
    assert root / "a.dat" not in view.files
    git_tree.git(root, "add", "--force", "a.dat")
    view.wait(lambda: root / "a.dat" in view.files)
    git_tree.git(root, "add", "--force", "src/deep/a.py")
    view.wait(lambda: root / "src" / "deep" / "a.py" in view.files)
    git_tree.git(root, "rm", "--cached", "a.dat", "src/deep/a.py")
    view.settle()
    assert {root / "a.dat", root / "src" / "deep" / "a.py"}.isdisjoint(view.files)


def test_a_branch_with_tracked_files_that_are_ignored_is_told(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    """Git writes the files first, and only then records that it tracks them."""
    git_tree.repository(root)
    (root / ".gitignore").write_text("*.dat\n")
    git_tree.git(root, "add", "--all")
    git_tree.git(root, "commit", "--message", "one")
    git_tree.git(root, "checkout", "-b", "two")
    for number in range(300):
        (root / "src" / f"{number}.dat").write_text("x")
    git_tree.git(root, "add", "--force", "--all")
    git_tree.git(root, "commit", "--message", "two")
    git_tree.git(root, "checkout", "main")
    (root / "other.dat").write_text("ignored, so that it is looked up whether Git tracks it")
    view = viewing(root, opening=opening)
    git_tree.git(root, "checkout", "two")
    view.wait(lambda: root / "src" / "299.dat" in view.files)
    git_tree.git(root, "checkout", "main")
    view.settle()


def test_an_index_that_is_not_understood_keeps_nothing_from_being_told(
    root: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    git_tree.repository(root)
    (root / ".gitignore").write_text("*.dat\n")
    (root / "a.dat").write_text("a")
    git_tree.git(root, "add", "--all")
    view = viewing(root, opening=opening)
    assert root / "a.dat" not in view.files
    git_tree.git(root, "update-index", "--split-index")
    view.wait(lambda: root / "a.dat" in view.files)
    git_tree.git(root, "update-index", "--no-split-index")
    view.settle()
    assert root / "a.dat" not in view.files


def test_git_s_own_ignore_rules_hold_at_once(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    git_tree.repository(root)
    view = viewing(root, opening=opening)
    (root / ".git" / "info" / "exclude").write_text("*.py\n")
    view.settle()
    assert root / "src" / "deep" / "a.py" not in view.files


@pytest.mark.parametrize("listener", ["system", "watchdog"])
def test_what_git_tracks_without_ignoring_it_asks_for_no_walk(
    root: Path, viewing: Viewing, listener: str
) -> None:
    git_tree.repository(root)
    (root / ".gitignore").write_text("*.dat\n")
    (root / "a.dat").write_text("a")
    view = viewing(root, opening=LISTENERS[listener])
    git_tree.git(root, "add", "--all")
    git_tree.git(root, "commit", "--message", "one")
    shutil.rmtree(root / "src")
    git_tree.git(root, "add", "--all")
    view.settle()
    (root / "later.txt").write_text("x")
    view.wait(lambda: root / "later.txt" in view.files)
    assert [batch.rescan for batch in view.batches].count(True) == 1


def test_pruned_and_ignored_places_are_not_told(root: Path, viewing: Viewing) -> None:
    (git_tree.empty_repository(root) / ".gitignore").write_text("*.bin\n")
    (root / "node_modules" / "pkg").mkdir(parents=True)
    view = viewing(root)
    (root / "node_modules" / "pkg" / "index.js").write_text("x")
    (root / "data.bin").write_text("x")
    (root / "told.txt").write_text("x")
    view.wait(lambda: root / "told.txt" in view.files)
    reported = {candidate.name for batch in view.batches for candidate in batch.changed}
    assert reported == {"told.txt"}


def test_a_workspace_in_another_is_told_once(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    view = viewing(root, root / "src", opening=opening)
    (root / "src" / "new.py").write_text("x")
    (root / "top.py").write_text("x")
    view.settle()
    assert {item.identity.name for batch in view.batches for item in batch.changed} == {"new.py", "top.py"}


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_a_link_in_a_folders_place_is_not_followed(
    root: Path, tmp_path: Path, viewing: Viewing, opening: ListenerFactory
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "a.py").write_text("x")
    view = viewing(root, opening=opening)
    shutil.rmtree(root / "src" / "deep")
    (root / "src" / "deep").symlink_to(outside)
    view.settle()
    (outside / "later.py").write_text("x")
    (root / "end.py").write_text("x")
    view.wait(lambda: root / "end.py" in view.files)
    assert set(view.files) == {root / ".env", root / "end.py"}


@pytest.mark.skipif(os.name == "nt", reason="names of bytes")
def test_names_of_any_bytes_are_told(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    view = viewing(root, opening=opening)
    odd = Path(os.fsdecode(os.fsencode(root) + b"/\xff\n\xe9"))
    odd.write_text("x")
    view.settle()
    assert odd in view.files


@pytest.mark.slow
def test_random_changes_end_in_the_same_view(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    chance = random.Random(7)
    view = viewing(root, opening=opening)
    for step in range(400):
        found = [*os.walk(root)]
        folders = [Path(place) for place, _, _ in found]
        files = [Path(place, name) for place, _, names in found for name in names]
        place = chance.choice(folders)
        match chance.randrange(7):
            case 0 | 1:
                (place / f"f{step}").write_text(str(step))
            case 2:
                (place / f"d{step}" / "in").mkdir(parents=True)
            case 3 if files:
                chance.choice(files).write_text(f"changed {step}")
            case 4 if files:
                chance.choice(files).unlink()
            case 5 if place != root:
                place.rename(root / f"r{step}")
            case 6 if place != root and chance.random() < 0.3:
                shutil.rmtree(place)
    view.settle()


@linux
def test_a_queue_that_overflows_is_noticed(root: Path, viewing: Viewing) -> None:
    is_open, blocked = threading.Event(), threading.Event()
    is_open.set()

    def slow(roots: Sequence[str], change: Callable[[str], None], loss: Callable[[], None]) -> Listener:
        def on_change(path: str) -> None:
            blocked.set()
            is_open.wait()
            change(path)

        return system_listener(roots, on_change, loss)

    view = viewing(root, opening=slow)
    is_open.clear()
    (root / "first").write_text("x")
    blocked.wait()
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    for number in range(limit // 2 + 1_000):
        path = root / f"{number % 10}.tmp"
        path.touch()
        path.unlink()
    (root / "lost" / "deep").mkdir(parents=True)
    (root / "lost" / "deep" / "f").write_text("x")
    is_open.set()
    view.settle()
    view.wait(lambda: any(batch.rescan and batch.troubles for batch in view.batches))
    [trouble] = [trouble for batch in view.batches for trouble in batch.troubles]
    assert "max_queued_events" in trouble.sentence
    (root / "lost" / "deep" / "g").write_text("x")
    view.settle()


@pytest.mark.parametrize("listener", ["system", "watchdog"])
def test_a_path_that_is_looked_at_is_told_though_no_change_was_heard(
    root: Path, viewing: Viewing, listener: str
) -> None:
    view = viewing(root, opening=LISTENERS[listener])
    reported = len(view.batches)
    view.watcher.report_changes(
        [str(root / ".env"), str(root / "src"), str(root.parent / "elsewhere"), "a\0b"]
    )
    view.wait(lambda: any(c.name == ".env" for batch in view.batches[reported:] for c in batch.changed))
    view.settle()


@pytest.mark.parametrize("listener", ["system", "watchdog"])
def test_a_word_of_rules_that_did_not_change_asks_for_no_walk(
    root: Path, viewing: Viewing, listener: str
) -> None:
    """Nor one of rules that are none of the roots', or that lie where nobody looks."""
    (git_tree.empty_repository(root) / ".gitignore").write_text("*.bin\n")
    (root / "node_modules" / "x").mkdir(parents=True)
    (root / "node_modules" / "x" / ".gitignore").write_text("*\n")
    view = viewing(root, opening=LISTENERS[listener])
    named = [
        root / "node_modules" / "x" / ".gitignore",
        root / ".gitignore",
        root / ".git",
        root / "src" / ".git",
    ]
    named += [root.parent / ".gitignore", root.parent / "elsewhere" / "pyvenv.cfg", root / ".git" / "config"]
    view.watcher.report_changes(map(str, named))
    view.watcher.report_changes([str(root / ".env")])
    view.wait(lambda: any(c.name == ".env" for batch in view.batches[1:] for c in batch.changed))
    assert [batch.rescan for batch in view.batches].count(True) == 1


def deaf(roots: Sequence[str], _change: Callable[[str], None], loss: Callable[[], None]) -> Listener:
    """Return a listener that receives no events, as on many network drives."""
    return system_listener(roots, lambda _: None, loss)


def test_a_word_of_rules_that_changed_asks_for_a_walk_where_nothing_is_heard(
    root: Path, viewing: Viewing
) -> None:
    (git_tree.empty_repository(root) / ".gitignore").write_text("*.bin\n")
    view = viewing(root, opening=deaf)
    (root / ".gitignore").write_text("*.py\n")
    view.watcher.report_changes([str(root / ".gitignore")])
    view.wait(lambda: root / "src" / "deep" / "a.py" not in view.files)
    (root / "src" / ".gitignore").write_text("!*.py\n")
    view.watcher.report_changes([str(root / "src" / ".gitignore")])
    view.wait(lambda: root / "src" / "deep" / "a.py" in view.files)


def noticing(
    batches: Queue[Batch], *noticed: Path, roots: Sequence[Path], opening: ListenerFactory
) -> Watcher:
    pace = Pace(poll=0.1, root_check=0.1)
    watcher = Watcher(roots, WalkChoice(), batches.put, polled=noticed, pace=pace, opening=opening)
    assert batches.get(timeout=PATIENCE).rescan
    return watcher


def wait_for_notice(batches: Queue[Batch], path: Path) -> None:
    while path not in batches.get(timeout=PATIENCE).polled:
        pass


@pytest.mark.parametrize("is_alone", [False, True])
def test_what_is_noticed_is_told_wherever_it_lies(
    root: Path, opening: ListenerFactory, is_alone: bool
) -> None:
    """Git-ignored, in a folder that is not entered, elsewhere, or not yet there."""
    (git_tree.empty_repository(root) / ".gitignore").write_text("ignored.toml\n")
    (root / "node_modules").mkdir()
    places = [root / "ignored.toml", root / "node_modules" / "x.toml", root.parent / "elsewhere.toml"]
    batches: Queue[Batch] = Queue()
    with closing(noticing(batches, *places, roots=[] if is_alone else [root], opening=opening)) as watcher:
        for place in places:
            place.write_text("a")
            wait_for_notice(batches, place)
            place.unlink()
            wait_for_notice(batches, place)
        later = root / "later.toml"
        watcher.poll_files([later])
        wait_for_notice(batches, later)
        later.write_text("a")
        wait_for_notice(batches, later)


@pytest.mark.skipif(os.name == "nt", reason="POSIX links")
def test_what_is_noticed_may_be_a_link(root: Path, opening: ListenerFactory) -> None:
    """It is reported by its own name, when its target changes and when it leads elsewhere."""
    batches: Queue[Batch] = Queue()
    link, first, other = root.parent / "link", root.parent / "first", root.parent / "other"
    first.write_text("a")
    other.write_text("a")
    link.symlink_to(first)
    with closing(noticing(batches, link, roots=[root], opening=opening)):
        first.write_text("bc")
        wait_for_notice(batches, link)
        (root.parent / "new").symlink_to(other)
        (root.parent / "new").replace(link)
        wait_for_notice(batches, link)


def test_a_look_ends_the_wait_for_the_next_poll(root: Path) -> None:
    """A client's events make up for those that the system does not report."""
    batches: Queue[Batch] = Queue()
    pace = Pace(poll=3600, root_check=3600)
    with closing(Watcher([root], WalkChoice(), batches.put, pace=pace, opening=refused)) as watcher:
        assert batches.get(timeout=PATIENCE).rescan
        (root / ".env").write_text("changed")
        watcher.report_changes([str(root / ".env")])
        assert [candidate.name for candidate in batches.get(timeout=PATIENCE).changed] == [".env"]


def test_a_limit_that_is_reached_is_told_with_its_remedy(root: Path, viewing: Viewing) -> None:
    view = viewing(root, opening=refused)
    [trouble] = view.batches[0].troubles
    assert "sudo sysctl fs.inotify.max_user_watches=" in trouble.sentence
    assert str(root) in trouble.sentence


UNDER_A_LIMIT = """
import sys, threading, time
from pathlib import Path
from tokenward.sources.walk.selection import WalkChoice
from tokenward.sources.watch.watcher import Pace, Watcher
root, batches, told = Path(sys.argv[1]), [], threading.Event()
def take(batch):
    batches.append(batch)
    told.set()
watcher = Watcher([root], WalkChoice(), take, pace=Pace(poll=0.1))
def wait(is_done):
    while not is_done():
        told.wait(30) or sys.exit("nothing was told")
        told.clear()
wait(lambda: any(batch.rescan for batch in batches))
for number in range(600):
    (root / f"late{number}").mkdir()
    (root / f"late{number}" / "f").write_text("x")
wait(lambda: any(batch.troubles for batch in batches))
(root / "late599" / "g").write_text("x")
wait(lambda: any(candidate.name == "late599/g" for batch in batches for candidate in batch.changed))
print(batches[[bool(batch.troubles) for batch in batches].index(True)].troubles[0].sentence)
watcher.close()
"""


def may_set_limits() -> bool:
    command = ["unshare", "-Ur", "bash", "-c", "echo 500 > /proc/sys/user/max_inotify_watches"]
    tried = None if not shutil.which("unshare") else subprocess.run(command, check=False, capture_output=True)
    return tried is not None and tried.returncode == 0


@linux
@pytest.mark.skipif(not may_set_limits(), reason="user namespaces are not permitted here")
def test_a_real_limit_leads_to_polling(root: Path) -> None:
    limited = 'echo 500 > /proc/sys/user/max_inotify_watches; exec "$@"'
    command = ["unshare", "-Ur", "bash", "-c", limited, "_", sys.executable, "-c", UNDER_A_LIMIT, str(root)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert "max_user_watches" in done.stdout


def test_closing_ends_every_thread(root: Path, viewing: Viewing, opening: ListenerFactory) -> None:
    before = {thread.name for thread in threading.enumerate()}
    view = viewing(root, opening=opening)
    (root / "x").write_text("x")
    view.watcher.close()
    assert {thread.name for thread in threading.enumerate()} <= before


@linux
def test_ten_watchers_leave_no_file_open(root: Path, viewing: Viewing) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(10):
        viewing(root).watcher.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_without_roots_there_is_nothing_to_tell() -> None:
    batches: list[Batch] = []
    Watcher([], WalkChoice(), batches.append).close()
    assert batches == []


def test_changes_in_the_file_systems_spelling_are_reported_in_that_of_the_root(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handlers: list[FileSystemEventHandler] = []

    class Reporter:
        """FSEvents, which reports `/Private/App` for a root that was named `/app`."""

        def start(self) -> None: ...

        def schedule(self, handler: FileSystemEventHandler, place: str, *, recursive: bool) -> None:
            assert (place, recursive) == ("/Private/App", True)
            handlers.append(handler)

    monkeypatch.setattr(watchdog_tree, "Observer", Reporter)
    monkeypatch.setattr(watchdog_tree, "canonical", {"/app": "/Private/App"}.get)
    changed: list[str] = []
    TreeListener(["/app"], changed.append, lambda: None).watch("/app")
    handlers[0].dispatch(FileMovedEvent("/Private/App/a.py", "/Private/App/sub/caf\u00e9.py"))
    assert changed == ["/app/a.py", "/app/sub/caf\u00e9.py"]
