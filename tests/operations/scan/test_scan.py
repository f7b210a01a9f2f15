"""A scan by several threads reports files in the order of the walk, each once."""

from __future__ import annotations

import os
from collections.abc import Callable
from itertools import count
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest

import tokens
from desk import KEY, Desk
from git_tree import git, repository
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.rules.engine_scan import Limits
from tokenward.findings.scan import Scanner
from tokenward.operations.git_scan.changes import GitScan, scan_since, scan_staged
from tokenward.operations.git_scan.history import scan_history
from tokenward.operations.scan.file_scan import ScannedFile
from tokenward.operations.scan.scan import scan_folders, walk_choice
from tokenward.sources import safe_read
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble
from tokenward.sources.git.repository import open_repository
from tokenward.sources.walk.walk import walk

CHUNK_FILES = 64


def never() -> bool:
    return False


def scanned(
    desk: Desk, *, cache: ScanCache | None = None, is_cancelled: Callable[[], bool] = never
) -> list[Path]:
    context, roots = desk.context, [desk.folder]
    results = scan_folders(
        context.scanner, roots, desk.settings, desk.places, cache=cache, is_cancelled=is_cancelled
    )
    return [result.path for result in results if isinstance(result, ScannedFile)]


@pytest.fixture
def filled(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A folder with far more files than threads take at a time, some of which take far longer than others."""
    monkeypatch.setattr("tokenward.operations.scan.scan.CHUNK_FILES", CHUNK_FILES)
    monkeypatch.setattr("tokenward.operations.scan.file_scan.MOST_READ", 100_000)
    for number in range(6 * CHUNK_FILES):
        folder = desk.folder / f"part_{number % 7}"
        folder.mkdir(exist_ok=True)
        rest = "y = 1\n" * (40_000 if number % 50 == 0 else 1)
        folder.joinpath(f"m{number}.py").write_text(f'x = "{tokens.github(number)}"\n{rest}')
    return desk


@pytest.mark.parametrize("is_cached", [False, True])
def test_files_are_told_in_the_order_of_the_walk(filled: Desk, is_cached: bool) -> None:
    met = walk([filled.folder], walk_choice(filled.settings), never)
    walked = [one.path for one in met if isinstance(one, Candidate)]
    cache = ScanCache(filled.places.scan_cache) if is_cached else None
    assert scanned(filled, cache=cache) == walked
    assert len(set(walked)) == 6 * CHUNK_FILES


@pytest.mark.parametrize("is_cached", [False, True])
def test_few_scans_of_the_engine_show_that_many_small_files_contain_nothing(
    desk: Desk, is_cached: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3 * CHUNK_FILES):
        desk.folder.joinpath(f"m{number}.py").write_text(f"x = {number}\n")
    desk.folder.joinpath("token.py").write_text(f'x = "{tokens.github()}"\n')
    scans: list[int] = []
    scan = Limits.scan

    def counted(limits: Limits, scanner: Any, source: Any) -> Any:
        scans.append(len(source.data))
        return scan(limits, scanner, source)

    monkeypatch.setattr(Limits, "scan", counted)
    cache = ScanCache(desk.places.scan_cache) if is_cached else None
    results = scan_folders(desk.context.scanner, [desk.folder], desk.settings, desk.places, cache=cache)
    files = [one for one in results if isinstance(one, ScannedFile)]
    assert len(files) == 3 * CHUNK_FILES + 1
    assert [one.path.name for one in files if one.findings] == ["token.py"]
    assert len(scans) < 16


def test_a_cancelled_scan_ends(filled: Desk) -> None:
    assert scanned(filled, is_cancelled=lambda: True) == []


def test_a_slow_disk_is_read_by_several_threads_at_once(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, calls, two = safe_read.read_content, count(), Barrier(2, timeout=20)

    def read_slowly(*arguments: Any) -> Any:
        if next(calls) < two.parties:
            two.wait()
        return read(*arguments)

    monkeypatch.setattr("tokenward.operations.scan.file_scan.read_content", read_slowly)
    # On a machine with one core, it would be one.
    monkeypatch.setattr("tokenward.operations.scan.scan.THREADS", two.parties)
    assert len(scanned(filled)) == 6 * CHUNK_FILES


def test_a_folder_without_files_is_scanned_to_its_end(desk: Desk) -> None:
    assert scanned(desk) == []


class FaultyScanner(Scanner):
    """A scanner that fails on some texts in an unforeseen way."""

    def scan_content(self, data: bytes, *arguments: Any, **more: Any) -> Any:
        if data == b"stumble":
            raise LookupError(tokens.github())
        if data == b"end":
            raise KeyboardInterrupt
        return super().scan_content(data, *arguments, **more)


@pytest.fixture
def faulty(desk: Desk) -> FaultyScanner:
    (desk.folder / "a.py").write_text("stumble")
    (desk.folder / "b.py").write_text(f'x = "{tokens.github()}"\n')
    return FaultyScanner(desk.detector, Fingerprinter(KEY))


def outcome(results: Any) -> tuple[list[str], list[str]]:
    """Return the names of the files with tokens, and what was left out."""
    met = list(results)
    files = [one.path.name for one in met if isinstance(one, ScannedFile) and one.findings]
    left_out = [one for one in met if isinstance(one, Trouble)]
    assert all(one.is_failure for one in left_out), "a file that made us stumble would pass for a clean one"
    return files, [one.sentence for one in left_out]


def test_one_file_that_fails_keeps_no_other_from_being_scanned(desk: Desk, faulty: FaultyScanner) -> None:
    """The file is named, and only the type of the error is reported."""
    found, left_out = outcome(scan_folders(faulty, [desk.folder], desk.settings, desk.places, cache=None))
    assert found == ["b.py"]
    (sentence,) = left_out
    assert "a.py was not scanned because of an unexpected LookupError;" in sentence
    assert tokens.github() not in sentence


def test_a_scan_can_be_broken_off_all_the_same(desk: Desk, faulty: FaultyScanner) -> None:
    (desk.folder / "a.py").write_text("end")
    with pytest.raises(KeyboardInterrupt):
        outcome(scan_folders(faulty, [desk.folder], desk.settings, desk.places, cache=None))


@pytest.mark.parametrize("kind", ["staged", "since", "history"])
def test_one_version_that_fails_keeps_no_other_from_being_scanned(
    desk: Desk, faulty: FaultyScanner, kind: str
) -> None:
    repository(desk.folder)
    git(desk.folder, "commit", "-q", "--allow-empty", "-m", "one")
    git(desk.folder, "add", "--all")
    if kind == "history":
        git(desk.folder, "commit", "-q", "-m", "two")
    scan = GitScan(open_repository("git", desk.folder, os.environ), faulty, desk.settings, desk.places)
    scans = {
        "staged": lambda: scan_staged(scan),
        "since": lambda: scan_since(scan, "HEAD", None),
        "history": lambda: scan_history(scan),
    }
    found, left_out = outcome(scans[kind]())
    assert found == ["b.py"]
    (sentence,) = left_out
    assert "a.py was not scanned because of an unexpected LookupError;" in sentence
