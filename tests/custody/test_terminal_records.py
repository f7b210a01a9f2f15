"""Records are read back as written, and foreign files are skipped."""

from __future__ import annotations

import dataclasses
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody import terminal_records
from tokenward.custody.terminal_records import LONGEST_LIFE, MOST_FINDINGS, TerminalFinding, TerminalRecord
from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint

FINDING = TerminalFinding("a.rule", "GitHub", "a token", Fingerprint("0" * 32), 3, "before\nKEY=…\nafter")
RECORD = TerminalRecord("a" * 32, str(Path("acme").absolute()), "make test", 1e9, 42, (FINDING,))
posix = pytest.mark.skipif(os.name == "nt", reason="links, pipes and modes of POSIX")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return terminal_records.folder_in(tmp_path)


def file_of(folder: Path) -> Path:
    return folder / f"{RECORD.id}.json"


def written(folder: Path, **changed: Any) -> None:
    """Write a record with the given fields."""
    terminal_records.write(folder, RECORD)
    file_of(folder).write_text(json.dumps({**json.loads(file_of(folder).read_text()), **changed}))


def test_what_is_written_is_read(folder: Path) -> None:
    odd = dataclasses.replace(RECORD, id=terminal_records.new_id(), cwd=RECORD.cwd + "\udcff", findings=())
    terminal_records.write(folder, RECORD)
    terminal_records.write(folder, odd)
    assert set(terminal_records.read(folder)) == {RECORD, odd}


def test_a_record_that_is_written_again_replaces_what_it_was(folder: Path) -> None:
    terminal_records.write(folder, RECORD)
    more = dataclasses.replace(RECORD, findings=(FINDING, FINDING))
    terminal_records.write(folder, more)
    assert terminal_records.read(folder) == (more,)
    assert len(list(folder.iterdir())) == 1


def test_there_may_be_no_folder(folder: Path) -> None:
    assert terminal_records.read(folder) == ()
    terminal_records.remove_old(folder)


@posix
def test_nobody_else_may_read_it(folder: Path) -> None:
    terminal_records.write(folder, RECORD)
    assert (folder.stat().st_mode & 0o777, file_of(folder).stat().st_mode & 0o777) == (0o700, 0o600)


def test_a_folder_that_cannot_be_written_is_named(read_only_home: Path) -> None:
    with pytest.raises(StateDamaged, match="make its folder writable"):
        terminal_records.write(terminal_records.folder_in(read_only_home), RECORD)


def test_the_newest_is_read_first(folder: Path) -> None:
    for number in range(3):
        record = dataclasses.replace(RECORD, id=f"{number:032x}")
        terminal_records.write(folder, record)
        age = time.time() - 10 * (number + 1)
        os.utime(folder / f"{record.id}.json", (age, age))
    assert [int(record.id, 16) for record in terminal_records.read(folder)] == [0, 1, 2]


def test_what_is_too_old_is_neither_read_nor_kept(folder: Path) -> None:
    terminal_records.write(folder, RECORD)
    folder.joinpath("notes.txt").touch()
    folder.joinpath("x.part").touch()
    for path in folder.iterdir():
        os.utime(path, (0, time.time() - LONGEST_LIFE - 10))
    new = dataclasses.replace(RECORD, id="b" * 32)
    terminal_records.write(folder, new)
    assert terminal_records.read(folder) == (new,)
    terminal_records.remove_old(folder)
    assert {path.name for path in folder.iterdir()} == {f"{new.id}.json", "notes.txt"}


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "b" * 32},
        {"cwd": "acme"},
        {"cwd": "/a\0b"},
        {"cwd": 1},
        {"command": "a\x1b[2J"},
        {"command": "a" * 2001},
        {"started": True},
        {"started": "now"},
        {"started": float("nan")},
        {"started": float("inf")},
        {"started": None},
        {"started": 10**400},
        {"pid": -1},
        {"pid": 1.5},
        {"pid": True},
        {"pid": 2**70},
        {"findings": {}},
        {"findings": "ab"},
        {"findings": [1]},
        {"findings": [{}]},
        {"findings": [dataclasses.asdict(FINDING)] * (MOST_FINDINGS + 1)},
        *(
            {"findings": [{**dataclasses.asdict(FINDING), **field}]}
            for field in (
                {"rule": 1},
                {"provider": "a\nb"},
                {"label": "\u202eabc"},
                {"label": "a" * 201},
                {"label": "\ud800"},
                {"fingerprint": "0" * 31},
                {"fingerprint": "Z" * 32},
                {"line": -1},
                {"line": "1"},
                {"excerpt": "\x1b[2J"},
                {"excerpt": "\n" * 2001},
                {"excerpt": ["a"]},
            )
        ),
    ],
)
def test_a_record_of_other_shape_is_left_out(folder: Path, changed: dict[str, Any]) -> None:
    written(folder)
    assert terminal_records.read(folder) == (RECORD,)
    written(folder, **changed)
    assert terminal_records.read(folder) == ()


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"null", b'"a"', b"\xff", b"[" * 100_000, b" " * 2_000_001]
)
def test_a_file_that_holds_no_record_is_left_out(folder: Path, content: bytes) -> None:
    terminal_records.write(folder, RECORD)
    file_of(folder).write_bytes(content)
    assert terminal_records.read(folder) == ()


@given(
    content=st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(st.sampled_from(["id", "cwd", "command", "started", "pid", "findings"]), inner)
        ),
    )
)
def test_no_document_makes_reading_fail(tmp_path_factory: pytest.TempPathFactory, content: Any) -> None:
    folder = tmp_path_factory.mktemp("any")
    file_of(folder).write_text(json.dumps(content))
    assert terminal_records.read(folder) == ()


@posix
def test_a_link_a_pipe_and_a_folder_are_left_out(folder: Path, tmp_path: Path) -> None:
    terminal_records.write(folder, RECORD)
    elsewhere = tmp_path / "elsewhere"
    file_of(folder).rename(elsewhere)
    file_of(folder).symlink_to(elsewhere)
    os.mkfifo(folder / f"{'b' * 32}.json")
    folder.joinpath(f"{'c' * 32}.json").mkdir()
    folder.joinpath("record.json").write_text(elsewhere.read_text())
    assert terminal_records.read(folder) == ()
