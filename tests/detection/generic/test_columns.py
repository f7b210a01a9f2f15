"""Values below their names: in CSV, and in `VALUES` after the columns of an `INSERT`."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from examples import up_to
from tokenward.detection.generic.generic import values_below
from tokenward.model import Span

HEADER = "user{}password\n"
NAMES = ("user", "password")
INSERT = "INSERT INTO t (user, password) VALUES "


def below(header: str, rows: str) -> list[tuple[str, str]]:
    """Return the names and the values below a header."""
    text = header + rows
    return [(one.name, one.text(text)) for one in values_below(text, Span(0, len(header)))]


@settings(max_examples=up_to(100))
@given(
    st.sampled_from(",;\t|"),
    st.lists(st.tuples(*[st.text("ab1 '\",;|\t\n", max_size=6).map(str.strip)] * 2), max_size=4),
)
def test_a_table_is_read_as_by_the_library(mark: str, rows: list[tuple[str, str]]) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=mark, lineterminator="\n").writerows(rows)
    expected = [
        (name, cell.replace('"', '""')) for row in rows for name, cell in zip(NAMES, row, strict=True)
    ]
    assert below(HEADER.format(mark), written.getvalue()) == expected


@settings(max_examples=up_to(100))
@given(st.lists(st.tuples(*[st.text('ab1 ",();\n', max_size=6)] * 2), max_size=4))
def test_the_rows_of_an_insert_are_read_to_their_end(rows: list[tuple[str, str]]) -> None:
    written = ",\n".join(f"('{user}', '{password}')" for user, password in rows)
    expected = [(name, cell) for row in rows for name, cell in zip(NAMES, row, strict=True)]
    assert below(INSERT, f"{written};\n") == expected


def test_blanks_around_a_value_are_not_of_it_and_a_row_of_another_length_ends_the_table() -> None:
    assert below("user, password\n", " ada , x1 \nbob\nc,d\n") == [("user", "ada"), ("password", "x1")]
    assert below(INSERT, "(1, now() ), (2), (3, 'x')") == [("user", "1"), ("password", "now()")]


def test_rows_below_a_repeated_header_are_read_once() -> None:
    header = HEADER.format(",")
    assert below(header, f"{header}ada,x1\n") == []


@pytest.mark.parametrize("header", [HEADER.format(","), INSERT])
@pytest.mark.parametrize("start", ["", "(x", "x", '"', "('", "(("])
@pytest.mark.parametrize("unit", [" ", "\n", '""', "''", "(", "()", "x ", "\\\\"])
def test_no_text_takes_more_than_linear_time(header: str, start: str, unit: str) -> None:
    """Takes hours otherwise."""
    assert len(below(header, f'{start}{unit * 100_000}"')) <= 2
