"""The catalog is what its files say, however it is read, and its columns agree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tokenward.catalog import rows as module
from tokenward.catalog.rows import read, rows

SECTIONS = {"name", "ledger_name", "hooks", "instructions", "protection", "marks", "transcripts"}


def test_a_row_has_only_what_some_part_reads() -> None:
    for kind in ("agents", "tools"):
        for name, row in rows(kind).items():
            assert row.keys() <= SECTIONS, name
            assert all(table.get("source") for table in row.values() if isinstance(table, dict)), name


def test_an_agent_with_hooks_can_be_protected_and_is_recognised() -> None:
    for name, row in rows("agents").items():
        if "hooks" in row:
            assert row["protection"]["events"], name
            assert "instructions" in row, name


@pytest.mark.parametrize(("age", "expected"), [(-10, "compiled"), (10, "changed")])
def test_a_file_that_was_changed_since_counts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, age: int, expected: str
) -> None:
    (tmp_path / "tools").mkdir()
    file = tmp_path / "tools" / "psql.toml"
    file.write_text('name = "changed"\n')
    compiled = tmp_path / "tools.json"
    compiled.write_text('{"psql": {"name": "compiled"}}')
    now = compiled.stat().st_mtime
    os.utime(file, (now + age, now + age))
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    rows.cache_clear()
    try:
        assert rows("tools") == {"psql": {"name": expected}}
        assert read("tools") == {"psql": {"name": "changed"}}
    finally:
        rows.cache_clear()
