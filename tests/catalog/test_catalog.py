"""The catalog is what its files say, however it is read, and its columns agree."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tokenward.catalog import rows as module
from tokenward.catalog.rows import read, rows
from tokenward.operations.run.command_reader import CommandReader

KEYS = {
    "hooks": (
        "like version source abilities settings before after answer notices tools input events answers closed exit "
        "loud_exits_deny reads_by"
    ),
    "hooks.events": "name kind tool arguments output prompt fixed needs",
    "hooks.input": "event folder tool server arguments output prompt",
    "hooks.answers": "allow deny rewrite replace prompt",
    "instructions": "source root imports git settings texts groups",
    "protection": (
        "source date dialect programs folders only_masks flag blocks_since off_switch broken trusted_in trust limits "
        "events files"
    ),
    "protection.events": "event stage fails since can_stop",
    "protection.files": "place format aim is_executable since entries each denied hosts text special",
    "marks": "source programs variables flags values shared",
    "transcripts": "source is_agent places",
    "files": "source scanned home run",
    "files.home": "places reader helpers denied",
    "files.run": " ".join(CommandReader.__slots__),
}
"""What some part of the code reads, by section."""


def test_a_row_has_only_what_some_part_reads() -> None:
    for kind in ("agents", "tools"):
        for name, row in rows(kind).items():
            sections = row.keys() - {"name", "ledger_name"}
            assert all(row[section].get("source") for section in sections), name
            hooks, protection = row.get("hooks", {}), row.get("protection", {})
            tables = [(section, row[section]) for section in sections]
            tables += [(f"hooks.{part}", hooks.get(part, {})) for part in ("input", "answers")]
            tables += [("hooks.events", one) for one in hooks.get("events", {}).values()]
            tables += [
                (f"protection.{part}", one)
                for part in ("events", "files")
                for one in protection.get(part, ())
            ]
            tables += [
                (f"files.{part}", one)
                for part in ("home", "run")
                for one in row.get("files", {}).get(part, ())
            ]
            for path, table in tables:
                assert table.keys() <= set(KEYS[path].split()), (name, path)


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
