"""Whatever happens to a log file, appended text is returned once, and nothing else is read."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tokenward.sources.candidate import Trouble
from tokenward.sources.logs import follow
from tokenward.sources.logs.follow import GRACE_SECONDS, LOOK_SECONDS, MOST_FILES, MOST_OPEN, Follower
from tokenward.sources.logs.log_file import MOST_AT_ONCE, PORTION, LogPortion

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such files")


class View:
    """The output of a follower, as its reader sees it, with a clock that only `later` moves."""

    def __init__(self, *paths: Path | str, from_start: bool = False) -> None:
        self.now = 0.0
        self.follower = Follower(map(str, paths), from_start=from_start, clock=lambda: self.now)
        self.portions: list[LogPortion] = []
        self.troubles: list[str] = []

    def poll(self) -> View:
        while True:
            for news in self.follower.poll():
                if isinstance(news, Trouble):
                    self.troubles.append(news.sentence)
                else:
                    self.portions.append(news)
            if not self.follower.is_behind:
                return self

    def later(self, seconds: float) -> View:
        self.now += seconds
        return self.poll()

    def came(self, path: Path | None = None) -> bytes:
        """Return all text received since the last call, of one path or of all."""
        portions, self.portions = self.portions, []
        assert path is None or {portion.path for portion in portions} <= {str(path)}
        return b"".join(portion.data for portion in portions)


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "app.log"
    path.write_bytes(b"old\n")
    return path


def append(path: Path, data: bytes) -> None:
    with path.open("ab") as file:
        file.write(data)


def rotate(path: Path) -> Path:
    return path.rename(path.with_name("app.log.1"))


def test_only_what_is_appended_is_given_unless_all_is_wanted(log: Path) -> None:
    view, whole = View(log).poll(), View(log, from_start=True).poll()
    append(log, b"new\n")
    assert (view.poll().came(), whole.poll().came()) == (b"new\n", b"old\nnew\n")
    assert view.poll().came() == b""


def test_a_file_that_comes_later_is_given_from_its_start(tmp_path: Path) -> None:
    log = tmp_path / "folder" / "app.log"
    view = View(log).poll()
    assert view.follower.absent == [str(log)]
    log.parent.mkdir()
    log.write_bytes(b"new\n")
    assert view.poll().came(log) == b"new\n"
    assert (view.follower.absent, view.follower.files) == ([], 1)


def test_a_portion_says_where_it_stands(log: Path) -> None:
    view = View(log)
    append(log, b"a\nb\n")
    view.poll()
    append(log, b"c")
    view.poll()
    log.write_bytes(b"x\n")
    view.poll()
    places = [(portion.at, portion.line, portion.begins, portion.data) for portion in view.portions]
    assert places == [(4, 1, True, b"a\nb\n"), (8, 3, False, b"c"), (0, 0, True, b"x\n")]


def test_a_line_is_known_also_if_it_comes_between_the_size_of_a_file_and_its_bytes(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = View(log).poll()
    status = os.fstat

    def grows(descriptor: int) -> os.stat_result:
        monkeypatch.undo()
        before = status(descriptor)
        append(log, b"new\n")
        return before

    os.utime(log, (1, 1))
    monkeypatch.setattr(os, "fstat", grows)
    reader = next(one.reader for one in view.follower._followed.values())
    assert reader is not None
    assert [(portion.at, portion.line, portion.data) for portion in reader.portions()] == [(4, 1, b"new\n")]


@pytest.fixture(params=[MOST_OPEN, 0])
def held_open(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some files are kept open, or none, as on Windows."""
    monkeypatch.setattr(follow, "MOST_OPEN", request.param)


@pytest.mark.usefixtures("held_open")
def test_what_is_appended_before_and_after_a_rotation_is_given_in_order(log: Path) -> None:
    view = View(log)
    append(log, b"before\n")
    rotate(log)
    log.write_bytes(b"after\n")
    assert view.poll().came(log) == b"before\nafter\n"


@pytest.mark.usefixtures("held_open")
def test_the_renamed_file_is_read_until_somebody_writes_to_the_new_one(log: Path) -> None:
    view = View(log)
    renamed = rotate(log)
    append(renamed, b"late\n")
    assert view.poll().came(log) == b"late\n"
    log.touch()
    append(renamed, b"later\n")
    assert view.poll().came(log) == b"later\n"
    append(renamed, b"last\n")
    append(log, b"first\n")
    assert view.poll().came(log) == b"last\nfirst\n"
    append(renamed, b"nobody's\n")
    assert view.poll().came() == b""


@pytest.mark.usefixtures("held_open")
def test_a_renamed_file_is_not_read_again_under_a_name_that_matches_too(log: Path) -> None:
    view = View(log.with_name("app.log*")).poll()
    append(log, b"one\n")
    view.poll()
    renamed = rotate(log)
    append(renamed, b"two\n")
    log.write_bytes(b"three\n")
    assert view.later(LOOK_SECONDS).came() == b"one\ntwo\nthree\n"
    append(renamed, b"four\n")
    assert view.later(LOOK_SECONDS).came(renamed) == b"four\n"


def test_a_file_that_was_emptied_and_filled_beyond_its_old_end_is_read_from_its_start(log: Path) -> None:
    view = View(log)
    append(log, b"some\n")
    assert view.poll().came() == b"some\n"
    with log.open("r+b") as file:
        file.truncate()
        file.write(b"more than there was before\n")
    view.poll()
    assert [portion.begins for portion in view.portions] == [True]
    assert view.came() == b"more than there was before\n"


def test_a_file_that_was_filled_anew_to_the_same_size_is_read_from_its_start(log: Path) -> None:
    view = View(log, from_start=True).poll()
    view.came()
    status = log.stat()
    log.write_bytes(b"new\n")
    os.utime(log, ns=(status.st_atime_ns, status.st_mtime_ns + 1_000_000_000))
    assert view.poll().came() == b"new\n"


@pytest.mark.skipif(sys.platform != "linux", reason="holes are of any size there")
def test_the_hole_before_what_a_writer_goes_on_with_is_not_read(log: Path) -> None:
    """A writer that does not append leaves one when its file is emptied."""
    hole = 64 * MOST_AT_ONCE
    with log.open("r+b") as writer:
        view = View(log)
        os.truncate(log, 0)
        writer.seek(hole)
        writer.write(b"new\n")
    view.poll()
    given = view.came()
    assert given.strip(b"\0") == b"new\n"
    assert len(given) <= PORTION


def test_a_file_that_is_deleted_and_made_anew_is_read_from_its_start(log: Path) -> None:
    view = View(log).poll()
    append(log, b"before\n")
    log.unlink()
    assert view.poll().came() == (b"" if os.name == "nt" else b"before\n")
    assert view.later(GRACE_SECONDS + 1).later(GRACE_SECONDS + 1).came() == b""
    log.write_bytes(b"next\n")
    assert view.poll().came() == b"next\n"


@posix
@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="tells what is open")
def test_a_deleted_file_is_let_go_after_a_while(log: Path) -> None:
    view = View(log).poll()
    log.unlink()
    assert str(log) in " ".join(opened())
    view.poll().later(GRACE_SECONDS + 1)
    assert str(log) not in " ".join(opened())


def opened() -> Iterator[str]:
    for link in Path("/proc/self/fd").iterdir():
        # The one of the listing itself is gone.
        if link.is_symlink():
            yield str(link.readlink())


@posix
def test_a_link_is_followed_also_when_it_leads_elsewhere(log: Path) -> None:
    link, other = log.with_name("current.log"), log.with_name("other.log")
    link.symlink_to(log.name)
    view = View(link)
    append(log, b"one\n")
    other.write_bytes(b"two\n")
    view.poll()
    link.unlink()
    link.symlink_to(other.name)
    assert view.poll().came(link) == b"one\ntwo\n"
    append(log, b"not followed\n")
    append(other, b"three\n")
    assert view.poll().came(link) == b"three\n"


@posix
def test_a_file_with_two_names_is_read_once(log: Path) -> None:
    link = log.with_name("current.log")
    link.symlink_to(log.name)
    view = View(log.with_name("*.log"), link, log)
    append(log, b"once\n")
    assert view.poll().came() == b"once\n"


@posix
@pytest.mark.parametrize("kind", ["fifo", "device", "folder", "loop", "link to a fifo"])
def test_what_is_no_file_is_left_alone_and_said_once(log: Path, kind: str) -> None:
    view = View(log).poll()
    log.unlink()
    if kind == "fifo":
        os.mkfifo(log)
    elif kind == "folder":
        log.mkdir()
    elif kind == "link to a fifo":
        os.mkfifo(log.with_name("fifo"))
        log.symlink_to("fifo")
    else:
        log.symlink_to("/dev/zero" if kind == "device" else log.name)
    view.poll().later(GRACE_SECONDS + 1)
    (sentence,) = view.troubles
    assert str(log) in sentence
    assert view.came() == b""
    log.rmdir() if kind == "folder" else log.unlink()
    log.write_bytes(b"a file again\n")
    assert view.poll().came() == b"a file again\n"
    assert len(view.troubles) == 1


@posix
def test_a_pattern_passes_over_what_is_no_file(log: Path) -> None:
    os.mkfifo(log.with_name("fifo.log"))
    log.with_name("folder.log").mkdir()
    view = View(log.with_name("*.log"), from_start=True).poll()
    assert (view.came(log), view.troubles) == (b"old\n", [])


def test_a_pattern_finds_files_at_any_depth_and_new_ones(log: Path) -> None:
    deep = log.parent / "a" / "b" / "deep.log"
    deep.parent.mkdir(parents=True)
    deep.write_bytes(b"deep\n")
    log.parent.joinpath("a", ".hidden").mkdir()
    log.parent.joinpath("a", ".hidden", "x.log").write_bytes(b"hidden\n")
    view = View(log.parent / "**" / "**" / "*.log", from_start=True).poll()
    assert view.came() == b"deep\nold\n"
    deep.with_name("new.log").write_bytes(b"new\n")
    assert view.poll().came() == b""
    assert view.later(LOOK_SECONDS).came() == b"new\n"


@posix
def test_a_pattern_goes_through_no_link_that_leads_back(log: Path) -> None:
    for number in range(8):
        log.with_name(f"back{number}").symlink_to(".")
    view = View(log.parent / "**" / "*.log", from_start=True)
    assert view.poll().came(log) == b"old\n"


def test_a_name_that_looks_like_a_pattern_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / "[x].log"
    path.write_bytes(b"old\n")
    tmp_path.joinpath("x.log").write_bytes(b"another\n")
    assert View(path, from_start=True).poll().came(path) == b"old\n"


def test_a_pattern_that_matches_too_much_says_so_once(tmp_path: Path) -> None:
    for number in range(MOST_FILES + 1):
        tmp_path.joinpath(f"{number}.log").touch()
    view = View(tmp_path / "*.log").poll().later(LOOK_SECONDS)
    (sentence,) = view.troubles
    assert "Narrow" in sentence
    assert view.follower.files == MOST_FILES


def test_more_files_are_followed_than_are_held_open(tmp_path: Path) -> None:
    logs = [tmp_path / f"{number}.log" for number in range(MOST_OPEN + 3)]
    for log in logs:
        log.write_bytes(b"old\n")
    view = View(*logs)
    with closing(view.follower):
        append(logs[-1], b"new\n")
        assert view.poll().came(logs[-1]) == b"new\n"
        logs[-1].rename(tmp_path / "renamed")
        logs[-1].write_bytes(b"another\n")
        assert view.poll().came(logs[-1]) == b"another\n"


def test_little_is_given_at_once_and_no_file_keeps_others_waiting(log: Path) -> None:
    other = log.with_name("other.log")
    view = View(log, other)
    append(log, b"x" * (3 * MOST_AT_ONCE))
    append(other, b"y")
    first = [news for news in view.follower.poll() if isinstance(news, LogPortion)]
    assert max(len(portion.data) for portion in first) <= PORTION
    assert sum(len(portion.data) for portion in first) == MOST_AT_ONCE + 1
    assert view.follower.is_behind
    assert view.poll().came() == b"x" * (2 * MOST_AT_ONCE)


STEPS = st.sampled_from(["append", "append", "poll", "rotate", "copy and empty", "delete", "wait"])


@posix
@settings(max_examples=60)
@given(st.lists(STEPS, max_size=25))
def test_every_line_is_given_once_whatever_happens_between_two_looks(steps: list[str]) -> None:
    """Except text that is appended and destroyed again between two polls."""
    with TemporaryDirectory() as folder:
        log = Path(folder, "app.log")
        view = View(log)
        with closing(view.follower):
            written = list(written_in(log, view, [*steps, "append", "poll"]))
        assert view.came() == b"".join(written)


def written_in(log: Path, view: View, steps: list[str]) -> Iterator[bytes]:
    is_seen = False
    for number, step in enumerate(steps):
        if step == "append":
            line = b"line %d\n" % number
            is_seen = is_seen and log.exists()
            append(log, line)
            yield line
            continue
        # Only a file that was seen can be recognized after it was renamed.
        if step != "rotate" or not is_seen:
            view.later(GRACE_SECONDS if step == "wait" else 0)
            is_seen = log.exists()
        if not log.exists():
            continue
        if step == "rotate":
            log.rename(log.with_name(f"app.log.{number}"))
        elif step == "copy and empty":
            shutil.copyfile(log, log.with_name("copy"))
            os.truncate(log, 0)
        elif step == "delete":
            log.unlink()
