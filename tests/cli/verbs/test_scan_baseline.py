"""`tokenward scan --baseline`: known findings are counted but not reported, and nothing else is hidden."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import Shell, paths
from git_tree import git, repository

ONE, TWO = tokens.github("one"), tokens.github("two")


def plant(folder: Path, name: str, *values: str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f'x = "{value}"\n' for value in values))


def report_of(shell: Shell, *arguments: str) -> dict[str, Any]:
    done = shell("scan", "--format", "json", *arguments)
    assert done.code in (0, 1), done.err
    report: dict[str, Any] = json.loads(done.text)
    assert bool(report["findings"]) == bool(done.code)
    return report


def keep(shell: Shell, path: Path, *arguments: str) -> Path:
    path.write_bytes(shell("scan", "--format", "json", *arguments).out)
    return path


def refusal(shell: Shell, baseline: Path) -> str:
    done = shell("scan", "--baseline", str(baseline))
    assert (done.code, done.out) == (2, b"")
    assert done.err.count("\n") == 1
    assert ONE not in done.err
    return done.err


def test_a_known_token_is_counted_and_a_new_one_reported(bare_shell: Shell, tmp_path: Path) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    plant(bare_shell.folder, "b.py", ONE)
    baseline = keep(bare_shell, tmp_path / "before.json")
    plant(bare_shell.folder, "a.py", "moved", ONE, TWO)
    plant(bare_shell.folder, "c.py", ONE)
    done = bare_shell("scan", "--baseline", str(baseline))
    assert done.code == 1
    assert "a.py:3:6" in done.text
    assert "c.py:1:6" in done.text
    assert f"2 findings are known from the baseline {baseline}." in done.text
    assert "2 tokens in 3 files" in done.text
    known = report_of(bare_shell, "--baseline", str(baseline))["summary"]["known"]
    assert known == {"baseline": str(baseline), "count": 2}


def test_when_all_is_known_nothing_is_found(bare_shell: Shell, tmp_path: Path) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    baseline = keep(bare_shell, tmp_path / "before.json")
    assert bare_shell("scan", "--baseline", str(baseline)).code == 0


def test_paths_hold_from_where_the_report_was_made_or_lies(bare_shell: Shell, tmp_path: Path) -> None:
    plant(bare_shell.folder, "in/a.py", ONE)
    inner = bare_shell.at(bare_shell.folder / "in")
    beside = keep(bare_shell, bare_shell.folder / "before.json")
    apart = keep(bare_shell, tmp_path / "before.json")
    for shell, baseline in ((bare_shell, beside), (inner, beside), (bare_shell, apart)):
        assert paths(report_of(shell, "--baseline", str(baseline))) == []
    assert paths(report_of(inner, "--baseline", str(apart))) == ["a.py"]
    assert paths(report_of(inner, "--baseline", "../before.json", str(bare_shell.folder))) == []


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_report_as_shells_of_windows_write_it_is_one(
    bare_shell: Shell, tmp_path: Path, encoding: str
) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    baseline = keep(bare_shell, tmp_path / "before.json")
    baseline.write_bytes(baseline.read_text().replace("\n", "\r\n").encode(encoding))
    assert paths(report_of(bare_shell, "--baseline", str(baseline))) == []


@pytest.mark.parametrize("kind", [("--staged",), ("--history",), ("--diff", "HEAD")])
def test_a_baseline_is_for_every_kind_of_scan(bare_shell: Shell, kind: tuple[str, ...]) -> None:
    folder = repository(bare_shell.folder)
    git(folder, "commit", "-q", "--allow-empty", "-m", "first")
    plant(folder, "a.py", ONE)
    baseline = keep(bare_shell, folder / "before.json")
    plant(folder, "b.py", TWO)
    git(folder, "add", "--all")
    if kind == ("--history",):
        git(folder, "commit", "-q", "-m", "second")
    report = report_of(bare_shell, *kind, "--baseline", str(baseline))
    assert paths(report) == ["b.py"]
    assert report["summary"]["known"]["count"] == 1


def test_the_report_of_another_key_is_refused_with_what_is_portable(
    bare_shell: Shell, tmp_path: Path
) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    baseline = keep(bare_shell, tmp_path / "before.json")
    (key,) = Path(bare_shell.environment["HOME"]).rglob("fingerprint.key")
    made_with = report_of(bare_shell)["summary"]["fingerprint_key"]
    key.write_bytes(os.urandom(32))
    assert "`tokenward ignore`" in refusal(bare_shell, baseline)
    assert report_of(bare_shell)["summary"]["fingerprint_key"] != made_with


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe\x00",
        b"[" * 200_000,
        b"9" * 10_000,
        b'{"findings": []}',
        b'{"findings": [], "summary": []}',
        b'{"findings": [], "summary": {"fingerprint_key": 1}}',
        b'{"findings": {}, "summary": {"fingerprint_key": "x"}}',
        b'{"findings": [1], "summary": {"fingerprint_key": "x"}}',
        b'{"findings": [{"path": [], "fingerprint": "x"}], "summary": {"fingerprint_key": "x"}}',
        b'{"findings": [{"path": "x"}], "summary": {"fingerprint_key": "x"}}',
        ONE.encode(),
    ],
)
def test_what_is_no_report_is_refused(bare_shell: Shell, tmp_path: Path, content: bytes) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    baseline = tmp_path / "before.json"
    baseline.write_bytes(content)
    assert "before.json" in refusal(bare_shell, baseline)


def test_what_is_no_file_is_refused(bare_shell: Shell, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    tmp_path.joinpath("loop").symlink_to("loop")
    with tmp_path.joinpath("huge").open("wb") as huge:
        huge.truncate(10**9)
    for name in ("pipe", "absent", "loop", "huge", "."):
        refusal(bare_shell, tmp_path / name)


def test_a_hostile_path_in_a_baseline_hides_nothing_and_stops_nothing(
    bare_shell: Shell, tmp_path: Path
) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    baseline = keep(bare_shell, tmp_path / "before.json")
    report = json.loads(baseline.read_text())
    (found,) = report["findings"]
    names = ["\0", "\ud800", "../" * 5000, "/dev/zero", "a.py/../b.py", "x" * 100_000, ""]
    report["findings"] = [{**found, "path": name} for name in names]
    report["findings"] += [{"path": "a.py", "fingerprint": "0" * 32}, {"path": "a.py", "fingerprint": ""}]
    baseline.write_text(json.dumps(report))
    assert paths(report_of(bare_shell, "--baseline", str(baseline))) == ["a.py"]


def test_the_id_of_the_key_is_no_fingerprint_of_anything_that_is_scanned(bare_shell: Shell) -> None:
    plant(bare_shell.folder, "a.py", ONE)
    report = report_of(bare_shell)
    key = report["summary"]["fingerprint_key"]
    assert len(key) == 16
    assert not report["findings"][0]["fingerprint"].startswith(key)
    assert key == report_of(bare_shell)["summary"]["fingerprint_key"]
