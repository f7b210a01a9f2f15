"""Other verbs accept every place in the form that a scan prints."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.cli.support.options import NamedPlace, parse_place
from tokenward.errors import TokenwardError
from tokenward.presentation.reports.spelling import spelled

NAMES = st.text(st.characters(exclude_characters="/\0", exclude_categories=["Cs"]), min_size=1, max_size=40)


@contextlib.contextmanager
def folder_with(*names: str) -> Iterator[None]:
    """Change to a folder with some files."""
    before = Path.cwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            for name in names:
                Path(name).write_text("")
            yield
        finally:
            os.chdir(before)


@given(NAMES.filter(lambda name: name not in {".", ".."}), st.integers(1, 10**6), st.integers(1, 10**6))
def test_any_name_that_a_scan_prints_is_found_again(name: str, line: int, column: int) -> None:
    with folder_with(name):
        assert parse_place(f"{spelled(name)}:{line}:{column}") == NamedPlace(Path(name), line - 1, column - 1)
        assert parse_place(f"{name}:{line}:{column}") == NamedPlace(Path(name), line - 1, column - 1)


def test_bytes_that_are_no_text_are_found_again() -> None:
    name = os.fsdecode(b"a\xff.py")
    with folder_with(name):
        assert parse_place(f"{spelled(name)}:1:2").path == Path(name)


PLACES = {
    "a:1": NamedPlace(Path("a"), 0, None),
    "a:1:": NamedPlace(Path("a"), 0, None),
    "a:1:9": NamedPlace(Path("a"), 0, 8),
    "a:1:9:": NamedPlace(Path("a"), 0, 8),
    "c:3:4": NamedPlace(Path("c:3"), 3, None),
    "c:3:4:5": NamedPlace(Path("c:3"), 3, 4),
}


@pytest.mark.parametrize("text", PLACES)
def test_a_line_and_maybe_a_column_are_taken_from_behind(text: str) -> None:
    with folder_with("a", "c:3"):
        assert parse_place(text) == PLACES[text]


@pytest.mark.parametrize("text", ["a", "a:", "a:0", "a:-1", "a:x", ":1", "", "b:1", "b:1:1"])
def test_what_names_no_line_of_a_file_is_refused(text: str) -> None:
    with folder_with("a"), pytest.raises(TokenwardError):
        parse_place(text)


def test_a_file_or_folder_without_a_line_is_a_place_where_one_may_be() -> None:
    with folder_with("a", "c:3"):
        assert parse_place("c:3", may_be_file=True) == NamedPlace(Path("c:3"))
        assert parse_place(".", may_be_file=True) == NamedPlace(Path())
        assert parse_place("a:1:9", may_be_file=True) == PLACES["a:1:9"]
        with pytest.raises(TokenwardError, match="b does not exist"):
            parse_place("b", may_be_file=True)
