"""The fuzz of moves: it passes what comes back, and reports what does not."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import rewriting_fuzz

from tokenward.rewriting.edits import Edit

_FILES = {
    "a.py": 'def f():\n    return g("some words", key="more")\n',
    "b.json": '{"a": "some words", "b": ["more"]}\n',
    "compose.yaml": "services:\n  a:\n    image: b\n    environment:\n      C: words\n",
    "c.ini": "[a]\nb = words\n",
}


def run(monkeypatch: pytest.MonkeyPatch, folder: Path) -> object:
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    monkeypatch.setattr(sys, "argv", ["rewriting_fuzz.py", str(folder)])
    with pytest.raises(SystemExit) as ended:
        rewriting_fuzz.main()
    return ended.value.code


def test_files_of_each_kind_are_moved_and_come_back(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not run(monkeypatch, tmp_path)
    table = [row.split(" | ") for row in capsys.readouterr().out.splitlines() if row.startswith("| ")]
    moved = {row[0].removeprefix("| "): int(row[3]) for row in table if row[3].isdigit()}
    assert all(moved[name] for name in ("python", "json", "yaml: Docker Compose", "ini", "all"))


def test_a_wrong_way_back_is_reported(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def nothing(*_: Any) -> Sequence[Edit]:
        return ()

    monkeypatch.setattr(rewriting_fuzz, "plan_restore", nothing)
    assert run(monkeypatch, tmp_path)
    assert "the way back gives other bytes" in capsys.readouterr().out
