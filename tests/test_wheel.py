"""The Python package brings the rules compiled, and its user's first start loads them, even if root installed it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path
from typing import Any

import pytest
from build_hook import VARIABLE
from compile_catalog import KINDS
from compile_rules import ROOT, engine_tag

import tokens
from tokenward.catalog.rows import read
from unprivileged import NOBODY, can_become, place_of_somebody

LOADED = """
import json, os, sys, tempfile
from pathlib import Path
from tokenward.detection.engine import Detector
from tokenward.places import Places
announced = []
if sys.argv[1:]:
    with tempfile.TemporaryDirectory() as place:
        Detector(Path(place)).load()  # has all modules loaded, which may be where only the superuser reads
    os.setgroups([]), os.setgid(int(sys.argv[1])), os.setuid(int(sys.argv[1]))
detector = Detector(Places.of_user().rules_cache, lambda: announced.append(True))
scanners = detector.load()
states = {scanners.catalog.in_use.rules.cache_status, *(one.rules.cache_status for one in scanners.pack.all)}
print(json.dumps([announced, sorted(states), str(Places.of_user().rules_cache)]))
"""


def build(folder: Path, **variables: str) -> Path:
    """Build a wheel of this checkout."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def wheel(compiled_rules: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("wheel"))


def install(wheel: Path, folder: Path) -> Path:
    """Unpack a wheel as an installer does, for everyone to read, and return the folder for PYTHONPATH."""
    with zipfile.ZipFile(wheel) as packed:
        packed.extractall(folder)
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def first_start(installed: Path, home: Path, *user: str) -> list[Any]:
    """Load the rules as a new user; return whether compiling was announced, the engine's words, and the folder."""
    libraries = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    variables = {"PYTHONPATH": libraries, "HOME": str(home), "PATH": os.environ["PATH"]}
    command = [sys.executable, "-S", "-c", LOADED, *user]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=True)
    return list(json.loads(done.stdout))


def test_a_wheel_is_for_the_systems_of_the_engine_and_brings_rules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        metadata = packed.read(next(name for name in names if name.endswith("/WHEEL"))).decode()
    assert wheel.name.endswith(f"-{engine_tag()}.whl")
    assert f"Tag: {engine_tag()}\n" in metadata
    assert "Root-Is-Purelib: false" in metadata
    assert any(name.startswith("tokenward/compiled/") and name.endswith(".screen.json") for name in names)
    assert {"tokenward/rule_pages/index.md", "tokenward/rule_pages/github.md"} <= set(names)


def test_a_wheel_brings_the_catalog_as_json(wheel: Path, tmp_path: Path) -> None:
    catalog = install(wheel, tmp_path / "installed") / "tokenward" / "catalog"
    assert not [*catalog.rglob("*.toml")]
    assert {kind: json.loads((catalog / f"{kind}.json").read_text("utf-8")) for kind in KINDS} == {
        kind: read(kind) for kind in KINDS
    }


def test_a_wheel_takes_rules_of_another_machine_or_none(wheel: Path, tmp_path: Path) -> None:
    other = tmp_path / "darwin-arm64"
    other.mkdir()
    (other / "wheel-tag").write_text("py3-none-macosx_11_0_arm64")
    (other / "key.vscdb").write_bytes(b"compiled")
    made = build(tmp_path / "other", **{VARIABLE: str(other)})
    assert made.name.endswith("-py3-none-macosx_11_0_arm64.whl")
    with zipfile.ZipFile(made) as packed:
        assert packed.read("tokenward/compiled/key.vscdb") == b"compiled"
    bare = build(tmp_path / "bare", **{VARIABLE: ""})
    assert bare.name.endswith("-py3-none-any.whl")
    with zipfile.ZipFile(bare) as packed:
        assert not [name for name in packed.namelist() if "/compiled/" in name]


@pytest.mark.skipif(not can_become(NOBODY), reason="needs the superuser, who becomes an ordinary user")
@pytest.mark.parametrize("mode", [0o755, 0o775], ids=["a usual home", "a home that a group may write"])
def test_an_ordinary_users_first_start_compiles_nothing(wheel: Path, mode: int) -> None:
    with place_of_somebody() as place:
        installed = install(wheel, place / "installed")
        home = place / "home"
        home.mkdir()
        os.chown(home, NOBODY, NOBODY)
        home.chmod(mode)
        announced, states, rules = first_start(installed, home, str(NOBODY))
    assert (announced, states) == ([], ["loaded"])
    assert Path(rules).is_relative_to(home) == (mode == 0o755)
    if mode == 0o775:
        shutil.rmtree(rules)


@pytest.mark.slow
def test_rules_for_another_engine_are_not_brought(wheel: Path, tmp_path: Path) -> None:
    installed = install(wheel, tmp_path / "installed")
    (table,) = (installed / "tokenward" / "compiled").glob("*.screen.json")
    table.rename(table.with_name(f"0.{table.name}"))
    announced, states, rules = first_start(installed, tmp_path)
    assert announced
    assert "bypassed" not in states
    assert first_start(installed, tmp_path) == [[], ["loaded"], rules]


def test_a_damaged_package_still_finds_tokens(wheel: Path, tmp_path: Path) -> None:
    installed = install(wheel, tmp_path / "installed")
    for file in (installed / "tokenward" / "compiled").glob("*.vscdb"):
        file.write_bytes(file.read_bytes()[:-1] + b"\0")
    (tmp_path / "app.py").write_text(f'KEY = "{tokens.github()}"\n')
    libraries = os.pathsep.join([str(installed), sysconfig.get_path("purelib")])
    done = subprocess.run(
        [sys.executable, "-S", "-m", "tokenward.cli", "scan", "app.py"],
        env={"PYTHONPATH": libraries, "HOME": str(tmp_path), "PATH": os.environ["PATH"]},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, "Next: tokenward move app.py\n")
    assert "GitHub" in done.stdout
