"""Positions by the protocol's line rules, compared with a second, slow implementation."""

from __future__ import annotations

import re
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.model import Point
from tokenward.text import Encoding, LineTable, content_length, from_units, split_lines, to_units

# Every character that some line rule or encoding treats specially.
AWKWARD = "\n\r\v\f\x1c\x85\u2028\u2029\ufeff\0\tab\xe9€😀\ud800\udc00"
TEXTS = st.text(st.sampled_from(AWKWARD), max_size=60)
CODECS = {Encoding.UTF8: ("utf-8", 1), Encoding.UTF16: ("utf-16-le", 2), Encoding.UTF32: ("utf-32-le", 4)}


def units(text: str, encoding: Encoding) -> int:
    """Return a text's length, summed by character so that lone surrogates do not join."""
    codec, width = CODECS[encoding]
    return sum(len(c.encode(codec, "surrogatepass")) // width for c in text)


@given(TEXTS)
def test_lines_join_to_the_text_and_end_only_as_the_protocol_says(text: str) -> None:
    lines = split_lines(text)
    assert "".join(lines) == text
    assert lines == list(re.split(r"(?<=\n)|(?<=\r)(?!\n)", text)) or not text
    assert len(lines) == 1 + len(re.findall(r"\r\n|\n|\r", text))


@given(TEXTS)
def test_every_offset_survives_the_way_to_a_point_and_back(text: str) -> None:
    table = LineTable(text)
    for offset in range(len(text) + 1):
        assert table.offset(table.point(offset)) == offset


@given(TEXTS, st.sampled_from(Encoding))
def test_every_column_survives_the_way_to_units_and_back(text: str, encoding: Encoding) -> None:
    for line in split_lines(text):
        for column in range(content_length(line) + 1):
            there = to_units(line, column, encoding)
            assert there == units(line[:column], encoding)
            assert from_units(line, there, encoding) == column


@given(TEXTS, st.sampled_from(Encoding), st.integers(-3, 200))
def test_units_past_a_line_are_its_end_and_inside_a_character_its_start(
    text: str, encoding: Encoding, position: int
) -> None:
    for line in split_lines(text):
        column = from_units(line, position, encoding)
        assert 0 <= column <= content_length(line)
        assert units(line[:column], encoding) <= max(0, position)


def test_a_text_that_ends_without_a_newline_has_no_line_behind_it() -> None:
    table = LineTable("a\nbc")
    assert table.point(4) == Point(1, 2)
    assert table.offset(Point(9, 9)) == 4


def test_an_empty_text_has_one_line() -> None:
    assert split_lines("") == [""]
    assert LineTable("").point(0) == Point(0, 0)


@pytest.mark.parametrize(
    "unit", ["ab\r\nc\rd\n", "\r\n", "\r", "a\r\u2028\n", "abc", "abc" * 50_000 + "\r\n"]
)
def test_the_lines_of_a_long_text_are_those_of_the_protocol(unit: str) -> None:
    text = f"{unit * (200_000 // len(unit) + 1)}end"
    lines = split_lines(text)
    table = LineTable(text)
    assert [table.line(number) for number in range(len(lines))] == lines


def test_the_memory_of_a_table_is_little_for_each_line() -> None:
    text = "a\n" * 200_000
    tracemalloc.start()
    try:
        _ = LineTable(text)
        assert tracemalloc.get_traced_memory()[1] < 20 * 200_000
    finally:
        tracemalloc.stop()
