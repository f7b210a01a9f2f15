"""A log is read completely or its faults are reported, using no more memory than one record needs."""

from __future__ import annotations

import gzip
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tokenward.errors import TokenwardError
from tokenward.sources.logs import access_logs as module
from tokenward.sources.logs.access_logs import ReadProgress, read_records

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def read(path: Path) -> tuple[list[Any], ReadProgress]:
    reading = ReadProgress()
    return list(read_records(path, reading)), reading


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "a.log"
    path.write_bytes(content)
    return path


SHAPES: dict[str, Callable[[list[Any]], str]] = {
    "a line each": lambda records: "".join(f"{json.dumps(record)}\n" for record in records),
    "a line each, of Windows": lambda records: "\r\n".join(json.dumps(record) for record in records),
    "an array": json.dumps,
    "an array, indented": lambda records: json.dumps(records, indent=2, ensure_ascii=False),
    "of CloudTrail": lambda records: json.dumps({"Records": records}),
    "of LookupEvents": lambda records: json.dumps({"Events": records, "NextToken": None}, indent=4),
}
SCALARS = st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"]))
OBJECTS = st.dictionaries(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1), SCALARS | st.lists(SCALARS), min_size=1
).filter(lambda one: list(one) not in (["Records"], ["Events"]))


@relaxed
@given(records=st.lists(OBJECTS, max_size=6), shape=st.sampled_from(list(SHAPES)), packed=st.booleans())
def test_every_record_of_every_shape_is_read(
    tmp_path: Path, records: list[Any], shape: str, packed: bool
) -> None:
    content = SHAPES[shape](records).encode()
    found, reading = read(written(tmp_path, gzip.compress(content) if packed else content))
    assert (found, reading.broken, reading.stopped) == (records, 0, "")
    assert reading.records == len(records)


@relaxed
@given(content=st.binary(max_size=300) | st.text('[]{}":,\n 0a').map(str.encode))
def test_any_bytes_are_read_without_a_fault(tmp_path: Path, content: bytes) -> None:
    for kind in (content, gzip.compress(content), b"\x1f\x8b" + content):
        found, reading = read(written(tmp_path, kind))
        assert reading.records == len(found)


@pytest.mark.parametrize("portion", [1, 7, 64])
@pytest.mark.parametrize("shape", SHAPES)
def test_it_does_not_matter_where_portions_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int, shape: str
) -> None:
    monkeypatch.setattr(module, "_PORTION", max(portion, 24))
    records = [{"é": '\\"]}', "b": [1, {"c": {}}]}, {"d": "x" * 100}]
    assert read(written(tmp_path, SHAPES[shape](records).encode()))[0] == records


def test_broken_lines_are_counted_and_the_others_read(tmp_path: Path) -> None:
    lines = [
        b'{"a": 1}',
        b"{",
        b"[1]",
        b"7",
        b"\xff\xfe",
        b"",
        b'{"b": NaN}',
        b'{"a": ' + b"[" * 100_000,
        b'{"c": 2}',
    ]
    found, reading = read(written(tmp_path, b"\n".join(lines)))
    assert [list(record) for record in found] == [["a"], ["b"], ["c"]]
    assert reading.broken == 5


def test_a_number_of_too_many_digits_breaks_only_its_line(tmp_path: Path) -> None:
    found, reading = read(written(tmp_path, b'{"a": ' + b"9" * 5000 + b'}\n{"b": 1}\n'))
    assert (found[-1], reading.broken in (0, 1)) == ({"b": 1}, True)


def test_a_line_that_is_too_long_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LONGEST_RECORD", 50)
    found, reading = read(written(tmp_path, json.dumps({"a": "x" * 500}).encode() + b'\n{"b": 1}'))
    assert (found, reading.broken) == ([{"b": 1}], 1)


@pytest.mark.parametrize("rest", [b'{"b": ', b'oops, {"b": 1}]', b'{"b": ' + b"[" * 100_000])
def test_after_what_is_no_json_an_array_is_not_read_on(tmp_path: Path, rest: bytes) -> None:
    found, reading = read(written(tmp_path, b'[{"a": 1}, ' + rest))
    assert found == [{"a": 1}]
    assert reading.stopped.startswith("is truncated")


def test_a_damaged_archive_gives_what_comes_before_the_damage(tmp_path: Path) -> None:
    whole = gzip.compress(os.urandom(0) + b"".join(b'{"n": %d}\n' % number for number in range(90_000)))
    found, reading = read(written(tmp_path, whole[: len(whole) // 2]))
    assert 0 < len(found) < 90_000
    assert reading.stopped == "is damaged, so the rest of it was not read"


def test_an_archive_that_unpacks_for_ever_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_UNPACKED", 1_000_000)
    bomb = gzip.compress(b'{"a": 1}\n' + b" " * 20_000_000)
    found, reading = read(written(tmp_path, bomb))
    assert found == [{"a": 1}]
    assert "unpacked" in reading.stopped


@pytest.mark.parametrize("shape", ["a line each", "an array"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, shape: str) -> None:
    path = written(
        tmp_path, SHAPES[shape]([{"n": number, "x": "y" * 200} for number in range(30_000)]).encode()
    )
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_records(path, ReadProgress())) == 30_000
        assert tracemalloc.get_traced_memory()[1] < path.stat().st_size / 2
    finally:
        tracemalloc.stop()


def test_what_is_no_file_is_refused_without_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe", tmp_path / "nothing"):
        with pytest.raises(TokenwardError):
            read(path)
