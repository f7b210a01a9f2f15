"""A scan of a large folder by several processes finds what one process finds, also when they are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psutil
import pytest

import tokens
from desk import Desk
from tokenward.operations.scan import file_scan
from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.operations.scan.scan import CAN_FORK, find_in_folders
from tokenward.operations.scan.skipped import SkippedFiles
from tokenward.sources import safe_read
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="only Linux scans in forks")
CHUNK_FILES = 8
FILES = 60 * CHUNK_FILES


@pytest.fixture
def large(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder of more chunks than are walked before the first is scanned, with files of each kind."""
    monkeypatch.setattr("tokenward.operations.scan.scan.CHUNK_FILES", CHUNK_FILES)
    monkeypatch.setattr("tokenward.operations.scan.scan.THREADS", 3)
    monkeypatch.setattr(safe_read, "SETTLED_NS", -60 * 10**9)
    for number in range(FILES):
        (desk.folder / f"part_{number % 5}").mkdir(exist_ok=True)
        text = f'x = "{tokens.github(number)}"\n' if number % 9 == 0 else f"x = {number}\n"
        (desk.folder / f"part_{number % 5}" / f"m{number}.py").write_text(text)
    (desk.folder / "part_3" / "picture.png").write_bytes(b"\x89PNG\0\0")
    (desk.folder / "part_4" / "ignored.py").write_text(f'x = "{tokens.npm()}"  # tokenward:ignore\n')
    (desk.folder / "part_4" / "not-here.py").symlink_to("nowhere")
    (desk.folder / ".gitleaks.toml").write_text("[[rules]\n")
    return desk


@dataclass(frozen=True)
class Said:
    """All that a scan says, apart from the order of files."""

    files: list[tuple[object, ...]]
    troubles: list[Trouble]
    clean: tuple[int, int]
    skipped: list[Trouble]


def scanned(desk: Desk, cache: ScanCache | None = None) -> Said:
    skipped, scanner = SkippedFiles(), desk.context.scanner
    found = find_in_folders(scanner, [desk.folder], desk.settings, desk.places, cache, skipped=skipped)
    results = list(found)
    clean = [one for one in results if isinstance(one, CleanFiles)]
    files = [one for one in results if isinstance(one, ScannedFile)]
    return Said(
        sorted((one.place, one.size, one.findings, one.silenced) for one in files),
        [one for one in results if isinstance(one, Trouble)],
        (sum(one.files for one in clean), sum(one.size for one in clean)),
        list(skipped.troubles(desk.folder)),
    )


def in_threads(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Said:
    with monkeypatch.context() as patched:
        patched.setattr("tokenward.operations.scan.scan.CAN_FORK", False)
        return scanned(desk)


def test_processes_say_what_threads_say(large: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted, before = in_threads(large, monkeypatch), psutil.Process().children()
    assert len(wanted.files) == len(range(0, FILES, 9)) + 1
    assert wanted.troubles
    assert wanted.skipped
    own, reads = os.getpid(), safe_read.read_content

    def read(seen: Candidate, most: int) -> object:
        assert os.getpid() != own
        return reads(seen, most)

    monkeypatch.setattr(file_scan, "read_content", read)
    assert scanned(large) == wanted
    assert psutil.Process().children() == before


def test_their_results_are_kept(large: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = in_threads(large, monkeypatch)
    assert scanned(large, ScanCache(large.places.scan_cache)) == wanted
    monkeypatch.setattr("tokenward.operations.scan.scan.CAN_FORK", False)
    monkeypatch.setattr(file_scan, "read_content", lambda *_: pytest.fail("read again"))
    assert scanned(large, ScanCache(large.places.scan_cache)) == wanted


@pytest.mark.parametrize("at", [1, 7, 30])
def test_what_a_killed_process_leaves_is_scanned_here(
    large: Desk, monkeypatch: pytest.MonkeyPatch, at: int
) -> None:
    wanted, before = in_threads(large, monkeypatch), psutil.Process().children()
    own, calls = os.getpid(), count()
    reads = safe_read.read_content

    def read(seen: Candidate, most: int) -> object:
        if os.getpid() != own and next(calls) == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return reads(seen, most)

    monkeypatch.setattr(file_scan, "read_content", read)
    assert scanned(large) == wanted
    assert psutil.Process().children() == before


def test_they_end_with_the_process_that_started_them(large: Desk, rules_home: Path) -> None:
    code = (
        "import sys, time; from tokenward.operations.scan import file_scan, scan\n"
        "scan.CHUNK_FILES = 8; scan.THREADS = 3\n"
        "reads = file_scan.read_content\n"
        "file_scan.read_content = lambda *given: (time.sleep(0.05), reads(*given))[1]\n"
        "from tokenward.cli.main import main; sys.argv[1:] = ['scan', '--no-cache', '.']; main()"
    )
    own = {"XDG_DATA_HOME": str(large.places.data_dir), "XDG_CONFIG_HOME": str(large.places.config_dir)}
    environment = {**os.environ, **own, "XDG_CACHE_HOME": str(rules_home)}
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=large.folder, env=environment, stdout=subprocess.DEVNULL) as scan:
        try:
            wait_until(lambda: len(psutil.Process(scan.pid).children()) == 3)
            children = psutil.Process(scan.pid).children()
        finally:
            scan.kill()
    wait_until(lambda: not any(map(runs, children)))


def runs(process: psutil.Process) -> bool:
    try:
        # Nobody need have asked for its exit code.
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until(happens: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not happens():
        assert time.monotonic() < until
        time.sleep(0.02)
