"""Rules for files with certain names are loaded when they are first needed, but compiled with the others."""

from __future__ import annotations

import shutil
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from threading import Event
from types import ModuleType

import pytest

import tokens
from tokenward.detection import catalog as compiled_module
from tokenward.detection.engine import MOST_SCREENED, Detector
from tokenward.errors import EngineUnusable

NAMED = ".npmrc"
ENGINE = "kingfisher_sdk._native"


class Unloadable(MetaPathFinder, Loader):
    """An engine that does not load, which takes long enough for another thread to wait for it."""

    def __init__(self) -> None:
        self.is_loading = Event()

    def find_spec(self, name: str, path: object, target: object = None) -> ModuleSpec | None:
        return ModuleSpec(name, self) if name == ENGINE else None

    def exec_module(self, module: ModuleType) -> None:
        self.is_loading.set()
        time.sleep(0.2)
        raise ImportError("libm.so.6: cannot open shared object file: No such file", name=module.__name__)


def test_each_of_two_threads_names_the_library_that_the_engine_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Unloadable()
    monkeypatch.delitem(sys.modules, ENGINE, raising=False)
    monkeypatch.setattr(sys, "meta_path", [engine, *sys.meta_path])
    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(lambda: Detector(tmp_path).identity)
        assert engine.is_loading.wait(10)
        for done in (first, threads.submit(lambda: Detector(tmp_path).identity)):
            with pytest.raises(EngineUnusable, match=r"because libm\.so\.6 is missing"):
                done.result()


@pytest.mark.slow
@pytest.mark.parametrize("is_new", [False, True])
def test_rules_for_named_files_wait_for_such_a_file_once_they_are_compiled(
    is_new: bool, rules_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = tmp_path / "rules"
    shutil.copytree(rules_home / "tokenward" / "rules", compiled)
    if is_new:
        monkeypatch.setattr(compiled_module, "BROUGHT", tmp_path)
        for mark in compiled.glob("*.screen.json"):
            mark.unlink()
    detector = Detector(compiled)
    pack = detector.load().pack
    loaded = [len(pack.named)]
    for name in ("app.py", "Cargo.toml", NAMED):
        detector.detect_all("a = 1\n", name)
        loaded.append(len(pack.named))
    some = len(pack.scanners_for(NAMED)) - 1
    everything = len(pack.all) - 1
    assert 0 < some < everything
    assert loaded == ([everything] * 4 if is_new else [0, 0, 0, some])
    assert {scanner.rules.cache_status for scanner in pack.named.values()} == {"loaded"}
    assert [*compiled.glob("*.screen.json")]


def test_forks_load_nothing_again(rules_home: Path) -> None:
    detector = Detector(rules_home / "tokenward" / "rules")
    detector.load_whole()
    scanners = detector.load()
    assert scanners.catalog.in_use is scanners.catalog.scanner
    assert len(scanners.pack.named) == len(scanners.pack.all) - 1


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
