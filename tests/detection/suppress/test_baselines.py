"""Findings accepted with other scanners."""

from __future__ import annotations

import hashlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.suppress.baselines import MAX_PROBLEMS, GitleaksIgnore, SecretsBaseline
from workspace_texts import Workspace

TOKEN = tokens.github()
TEXT = f"\n\ntoken = '{TOKEN}'\n"
COMMIT = "0123456789abcdef" * 2 + "01234567"


def baseline(value: str, path: str = "src/app.py", line: int = 3) -> str:
    entry = {"type": "x", "hashed_secret": hashlib.sha1(value.encode()).hexdigest(), "line_number": line}
    return json.dumps({"version": "1.5.0", "results": {path: [{**entry, "filename": path}]}}, indent=2)


@pytest.mark.parametrize(
    ("entry", "commit", "silences"),
    [
        ("src/app.py:github-pat:3", "", True),
        ("src/app.py:github-pat:3", COMMIT, True),
        ("src\\app.py:github-pat:3", "", True),
        ("src/app.py:github-pat:4", "", False),
        ("src/app.py:npm-access-token:3", "", False),
        ("app.py:github-pat:3", "", False),
        (f"{COMMIT}:src/app.py:github-pat:3", COMMIT, True),
        (f"{COMMIT}:src/app.py:github-pat:3", "", False),
        (f"{COMMIT}:src/app.py:github-pat:3", COMMIT[::-1], False),
        ("# src/app.py:github-pat:3", "", False),
    ],
)
@pytest.mark.parametrize("name", [".gitleaksignore", ".betterleaksignore"])
def test_a_fingerprint_holds_for_its_line(
    workspace: Workspace, name: str, entry: str, commit: str, silences: bool
) -> None:
    workspace.files[name] = f"# known\n{entry}\n"
    assert workspace.problems() == []
    detected = workspace.scan(TEXT, commit=commit)
    assert [record.by for record in detected.ignored] == ([f"{name}:2"] if silences else [])
    assert bool(detected.found) is not silences


def test_a_fingerprint_holds_for_a_part_of_a_file_by_the_files_lines(workspace: Workspace) -> None:
    workspace.files[".gitleaksignore"] = "src/app.py:github-pat:103\n"
    local, _ = workspace.local()
    detected = workspace.detector.detect_all(TEXT, "src/app.py", local=local, first_line=100)
    assert [record.line for record in detected.ignored] == [102]


@pytest.mark.parametrize("entry", ["nonsense", "a:b", "a:b:c", "a:b:c:d", "zz:a:b:3", "a:b:-3", "a:b:٣"])
def test_a_line_that_is_no_fingerprint_is_reported(workspace: Workspace, entry: str) -> None:
    workspace.files[".gitleaksignore"] = f"src/app.py:github-pat:3\n{entry}\n"
    assert workspace.problems() == [(".gitleaksignore", 1)]
    assert workspace.silenced_by(TEXT) == [".gitleaksignore:1"]


def test_a_baseline_holds_for_its_value_in_its_file(workspace: Workspace) -> None:
    workspace.files[".secrets.baseline"] = baseline(TOKEN, line=77)
    assert workspace.silenced_by(TEXT) == [".secrets.baseline"]
    assert workspace.found(TEXT, "src/other.py") == [TOKEN]
    assert workspace.found(f"'{tokens.github(1)}'") == [tokens.github(1)]


def test_a_baseline_with_backslashes_holds(workspace: Workspace) -> None:
    workspace.files[".secrets.baseline"] = baseline(TOKEN, "src\\app.py")
    assert workspace.silenced_by(TEXT) == [".secrets.baseline"]


@pytest.mark.parametrize(("line", "silences"), [(1, True), (2, False)])
def test_a_baselines_private_key_holds_for_its_line_only(
    workspace: Workspace, line: int, silences: bool
) -> None:
    key = tokens.private_key()
    workspace.files[".secrets.baseline"] = baseline(key.split("-----")[1], line=line)
    assert bool(workspace.found(f"{key}\n")) is not silences


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("{\n  'a': 1}", 1),
        ("[" * 100_000, 0),
        ("9" * 10_000, 0),
        ("[]", 0),
        ('{"results": []}', 0),
        ('{"results": {\n"a.py": [{"type": "x"}]}}', 1),
        ('{"results": {\n\n"a.py": 5}}', 2),
        ('{"results": {"a.py": [{"hashed_secret": "abc"}]}}', 0),
    ],
)
def test_a_malformed_baseline_is_reported_at_its_line(workspace: Workspace, text: str, line: int) -> None:
    workspace.files[".secrets.baseline"] = text
    assert workspace.problems() == [(".secrets.baseline", line)]
    assert workspace.found(TEXT) == [TOKEN]


@given(st.text())
def test_any_text_is_read_or_reported(text: str) -> None:
    for kind in (GitleaksIgnore, SecretsBaseline):
        _, problems = kind.parse("x", text)
        assert all(0 <= problem.line <= text.count("\n") + text.count("\r") for problem in problems)


def test_a_file_of_nothing_but_mistakes_is_answered() -> None:
    names = {f"file-{number}": 5 for number in range(100_000)}
    _, problems = SecretsBaseline.parse("x", json.dumps({"results": names}))
    assert len(problems) == MAX_PROBLEMS
    _, problems = GitleaksIgnore.parse("x", "mistake\n" * 100_000)
    assert len(problems) == MAX_PROBLEMS
