"""Partly typed references: found wherever the cursor is in one, and nothing else is mistaken for one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.lsp.client.references import assigned_variable, empty_value, typed_reference
from tokenward.model import Reference, Span

WHOLE = str(Reference("acme-api", "GITHUB_TOKEN"))
SCHEME = len("keyring:")
# Text beside a reference that leaves its borders clear.
BESIDE = st.text(st.sampled_from("\"' =😀é\u2028(,;#\ufeff"), max_size=6)


@given(BESIDE, st.integers(SCHEME, len(WHOLE)), BESIDE, st.data())
def test_a_beginning_is_replaced_as_a_whole_from_any_column_in_it(
    before: str, length: int, after: str, data: st.DataObject
) -> None:
    line = f"{before}{WHOLE[:length]}{after}\r\n"
    column = len(before) + data.draw(st.integers(SCHEME, length))
    assert typed_reference(line, column) == Span(len(before), len(before) + length)


@given(st.text(st.sampled_from("keyring:/ac-_.N \"'\n😀"), max_size=40), st.integers(0, 45))
def test_what_is_replaced_holds_the_cursor_and_begins_with_the_scheme(line: str, column: int) -> None:
    found = typed_reference(line, column)
    if found is not None:
        assert found.start < column <= found.end
        assert line[found.start : found.end].startswith("keyring:")
        assert not line[found.start - 1 : found.start].isalnum()
        assert "\n" not in line[found.start : found.end]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "key",
        "keyring",
        "import keyring",
        "mykeyring:",
        "keyring: ",
        "keyring:x",
        "keyring:///",
        "keyring://a b",
        "Keyring:/",
        f"{WHOLE} ",
        f"{WHOLE}/",
    ],
)
def test_no_reference_is_typed_at_the_end_of(text: str) -> None:
    assert typed_reference(text, len(text)) is None


def test_a_very_long_line_is_looked_at_round_the_cursor_alone() -> None:
    line = "keyring://" * 400_000
    assert typed_reference(line, 2_000_010) == Span(2_000_000, 2_000_017)


@pytest.mark.parametrize(
    ("before", "after", "value"),
    [
        ("TOKEN=", "", ""),
        ("export TOKEN = ", "\r\n", ""),
        ("\ufeffTOKEN=", "  # a comment", ""),
        ('TOKEN="', '"', ""),
        ("TOKEN='", "\n", ""),
        ("TOKEN=k", "", "k"),
        ("TOKEN='keyring", "' # a comment", "keyring"),
        ("TOKEN=x", "", None),
        ("TOKEN=", "x", None),
        ("TOKEN=", "#x", None),
        ("TOKEN", "=", None),
        ("# TOKEN=", "", None),
        ("TOKEN=a=", "", None),
        ("TOKEN=k", "eyring", None),
        ("=", "", None),
        ("", "", None),
    ],
)
def test_a_value_is_empty_until_more_than_the_scheme_stands_there(
    before: str, after: str, value: str | None
) -> None:
    found = empty_value(before + after, len(before))
    assert (None if found is None else before[found.start :]) == value
    assert found is None or assigned_variable(before + after) == "TOKEN"
