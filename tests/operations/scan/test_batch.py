"""Files reported together contain no tokens, and a later change in one of them is found."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tokens
from desk import Desk
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner
from tokenward.operations.scan import file_scan
from tokenward.operations.scan.file_scan import CleanFiles, ScannedFile
from tokenward.operations.scan.scan import find_in_folders
from tokenward.sources import safe_read
from tokenward.sources.cache.cache import ScanCache
from tokenward.sources.candidate import Candidate, Trouble

CHUNK_FILES = 64


@pytest.fixture(autouse=True)
def _settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cache files of any age, in small chunks; each change below gives a file another size."""
    monkeypatch.setattr("tokenward.operations.scan.scan.CHUNK_FILES", CHUNK_FILES)
    monkeypatch.setattr(safe_read, "SETTLED_NS", -60 * 10**9)


@pytest.fixture
def filled(desk: Desk) -> Desk:
    for number in range(3 * CHUNK_FILES):
        (desk.folder / f"part_{number % 5}").mkdir(exist_ok=True)
        (desk.folder / f"part_{number % 5}" / f"m{number}.py").write_text(f"x = {number}\n")
    (desk.folder / "picture.png").write_bytes(b"\x89PNG\0\0")
    (desk.folder / "silenced.py").write_text(f'x = "{tokens.npm()}"  # tokenward:ignore\n')
    (desk.folder / "found.py").write_text(f'x = "{tokens.github()}"\n')
    return desk


class Told:
    """The results of a scan, for single files and for batches."""

    def __init__(self, desk: Desk, *, cached: bool = True, scanner: Scanner | None = None) -> None:
        cache = ScanCache(desk.places.scan_cache) if cached else None
        results = list(
            find_in_folders(scanner or desk.context.scanner, [desk.folder], desk.settings, desk.places, cache)
        )
        single = [one for one in results if isinstance(one, ScannedFile)]
        several = [one for one in results if isinstance(one, CleanFiles)]
        self.files = len(single) + sum(one.files for one in several)
        self.size = sum(one.size for one in single) + sum(one.size for one in several)
        self.single = {one.path.name for one in single}
        self.findings = {(one.path, one.findings) for one in single if one.findings}
        self.silenced = {one.silenced for one in single if one.silenced}
        self.left_out = {one.sentence for one in results if isinstance(one, Trouble)}

    @property
    def outcome(self) -> tuple[object, ...]:
        return self.files, self.size, self.findings, self.silenced, self.left_out


class BlindScanner(Scanner):
    """A scanner that fails when it reads a file."""

    def scan_content(self, *_: object, **__: object) -> object:  # type: ignore[override]
        raise AssertionError("a file was read again")


def blind(desk: Desk) -> BlindScanner:
    scanner = desk.context.scanner
    return BlindScanner(scanner.detector, scanner.fingerprint)


def test_a_folder_with_hardly_a_file_is_scanned_without_all_rules(desk: Desk, rules_home: Path) -> None:
    detector = Detector(rules_home / "tokenward" / "rules")
    scanner = Scanner(detector, desk.context.scanner.fingerprint)
    Told(desk, scanner=scanner)
    (desk.folder / "a.py").write_text("x = 1\n")
    assert Told(desk, scanner=scanner).files == 1
    assert not detector.is_loaded
    (desk.folder / "b.py").write_text("x = 1\n")
    assert Told(desk, cached=False, scanner=scanner).files == 2
    # They load beside the scan, which may end first.
    deadline = time.monotonic() + 60
    while not detector.is_loaded:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_of_a_tree_that_has_not_changed_nothing_is_read_and_quiet_files_are_told_together(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, first = Told(filled, cached=False), Told(filled)
    monkeypatch.setattr("tokenward.operations.scan.file_scan.read_content", None)
    second = Told(filled, scanner=blind(filled))
    assert fresh.outcome == first.outcome == second.outcome
    assert second.single == {"found.py", "silenced.py"}
    assert first.single == second.single


@pytest.mark.parametrize(("together", "most"), [(1, 1), (16, CHUNK_FILES)])
def test_only_a_changed_file_and_those_that_share_its_digest_are_read_again(
    filled: Desk, monkeypatch: pytest.MonkeyPatch, together: int, most: int
) -> None:
    """How many share one depends on the order in which the disk lists them, but all are of one chunk."""
    monkeypatch.setattr("tokenward.sources.cache.cache._TOGETHER", together)
    Told(filled)
    (filled.folder / "found.py").write_text("x = 1  # found nothing\n")
    read: list[Candidate] = []
    reads = safe_read.read_content
    monkeypatch.setattr(file_scan, "read_content", lambda seen, most: read.append(seen) or reads(seen, most))
    second = Told(filled)
    assert "found.py" in {one.name for one in read}
    assert len({one.place for one in read}) == len(read) <= most
    assert (second.files, second.findings, second.left_out) == (3 * CHUNK_FILES + 2, set(), set())


def test_what_is_too_young_is_read_again(filled: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(safe_read, "SETTLED_NS", 10**18)
    assert Told(filled).files == 3 * CHUNK_FILES + 2
    monkeypatch.setattr("tokenward.operations.scan.file_scan.read_content", lambda *_: None)
    assert Told(filled).files == 0


def test_other_rules_make_every_file_be_looked_at_again(filled: Desk) -> None:
    Told(filled)
    (filled.folder / ".gitleaks.toml").write_text("[extend]\ndisabledRules = ['github-pat']\n")
    told = Told(filled)
    assert told.findings == set()
    assert len(told.silenced) == 2


def test_what_is_left_out_is_told_each_time(filled: Desk) -> None:
    (filled.folder / "large.txt").write_text("x" * (filled.settings.max_file_bytes + 1))
    os.mkfifo(filled.folder / "pipe")
    first, second = Told(filled), Told(filled)
    assert len(first.left_out) == 2
    assert first.outcome == second.outcome


def test_beside_a_new_file_only_those_of_its_chunk_may_be_read_again(
    filled: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    Told(filled)
    (filled.folder / "new.py").write_text("x = 1\n")
    read: list[Candidate] = []
    reads = safe_read.read_content
    monkeypatch.setattr(file_scan, "read_content", lambda seen, most: read.append(seen) or reads(seen, most))
    assert Told(filled).files == 3 * CHUNK_FILES + 3
    assert "new.py" in {one.name for one in read}
    assert len(read) < 2 * CHUNK_FILES


def changed(folder: Path, number: int, chance: random.Random) -> None:
    """Make one change in a tree."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    file = chance.choice(files)
    kind = chance.choice(["edit", "create", "remove", "rename", "token"])
    text = "#" * (number + 1) + "\n"
    if kind == "edit":
        file.write_text(file.read_text(errors="replace") + text)
    elif kind == "create":
        (file.parent / f"new{number}.py").write_text(text)
    elif kind == "remove" and len(files) > 1:
        file.unlink()
    elif kind == "rename":
        file.rename(file.parent / f"renamed{number}.py")
    else:
        file.write_text(f'y = "{tokens.github(number)}"\n{text}')


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_after_any_changes_the_outcome_is_that_of_a_fresh_scan(filled: Desk, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(chance.randint(1, 4)):
        changed(filled.folder, number + chance.randint(0, 10**4), chance)
    assert Told(filled).outcome == Told(filled, cached=False).outcome
