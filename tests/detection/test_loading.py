"""Rules for files with certain names are loaded when they are first needed, but compiled with the others."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import tokens
from tokenward.detection.engine import MOST_SCREENED, Detector
from tokenward.detection.rules import own_rules

NAMED = ".npmrc"


@pytest.mark.parametrize(("is_new", "loaded"), [(False, [False, False, True]), (True, [True, True, True])])
def test_rules_for_named_files_wait_for_such_a_file_once_they_are_compiled(
    is_new: bool, loaded: list[bool], rules_home: Path, tmp_path: Path
) -> None:
    compiled = tmp_path / "rules"
    shutil.copytree(rules_home / "tokenward" / "rules", compiled)
    if is_new:
        for mark in compiled.glob("*.screen.json"):
            mark.unlink()
    detector = Detector(compiled)
    pack = detector.load().pack
    states = ["named_files" in vars(pack)]
    for name in ("app.py", NAMED):
        detector.detect_all("a = 1\n", name)
        states.append("named_files" in vars(pack))
    assert states == loaded
    assert pack.named_files.rules.cache_status == "loaded"
    assert [*compiled.glob("*.screen.json")]


def test_the_name_by_which_daemons_load_them_is_one_of_theirs(detector: Detector) -> None:
    pack = detector.load().pack
    assert pack.scanners_for(NAMED) == (pack.everywhere, pack.named_files)
    assert own_rules.NAMED_FILES.is_dir()


def test_forks_load_nothing_again(rules_home: Path) -> None:
    detector = Detector(rules_home / "tokenward" / "rules")
    detector.load_whole()
    scanners = detector.load()
    assert scanners.catalog.in_use is scanners.catalog.scanner
    assert "named_files" in vars(scanners.pack)


def test_rules_that_nobody_used_for_a_while_are_let_go_and_loaded_again(rules_home: Path) -> None:
    detector = Detector(rules_home / "tokenward" / "rules")
    text = f'x = "{tokens.github()}"\n'.ljust(MOST_SCREENED + 1)
    assert not detector.release(0)
    found = detector.detect_all(text)
    assert found.found
    assert not detector.release(1000)
    assert detector.is_loaded
    assert detector.release(0)
    assert not detector.is_loaded
    assert detector.detect_all(text) == found
    assert detector.is_loaded
