"""A batch file reads a moved token by `%NAME%`, which Windows replaces before it reads a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriting.moving import LANGUAGE, REFERENCE, TOKEN, filled, move, restored_without_record, spans_of
from tokenward.errors import RewriteRefused
from tokenward.rewriting.naming import keys_at, name_choices
from tokenward.rewriting.rewrite import find_references

MOVED = [
    "set KEY=T0K\r\n",
    'set "KEY=T0K"\r\n',
    '@if not defined KEY set "KEY=T0K"\r\n',
    'set "API_KEY=T0K"\r\n',
    'curl -H "Authorization: T0K" https://example.com/T0K ^\r\n  --key=T0K\r\n',
    "(\r\n  setx KEY T0K\r\n)\r\n",
]


@pytest.mark.parametrize("before", MOVED)
def test_a_token_becomes_a_variable(before: str) -> None:
    moved, rewrite = move("batch", filled(before))
    assert moved == filled(before, f"%{REFERENCE.name}%")
    assert rewrite.value.reveal() == TOKEN
    assert len(find_references(moved, LANGUAGE["batch"], [REFERENCE.name])) == before.count("T0K")
    assert restored_without_record("batch", moved, rewrite) == filled(before)


@given(st.sampled_from(MOVED), st.text(st.sampled_from("abXY09_-./+=:@%é!&*^|\"' "), min_size=4))
def test_any_token_moves_only_if_it_has_no_sign_of_its_own(before: str, letters: str) -> None:
    token = f"t0{letters}0t"
    try:
        moved, _ = move("batch", filled(before, token), token)
    except RewriteRefused:
        return
    assert not set(token) & set("%!&^|\"' *")
    assert moved == filled(before, f"%{REFERENCE.name}%")


@pytest.mark.parametrize("comment", [":: T0K\r\n", "@REM T0K\r\n"])
def test_a_comment_gets_the_reference(comment: str) -> None:
    moved, _ = move("batch", filled(comment))
    assert moved == filled(comment, str(REFERENCE))


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("set api_key=b\r\nset KEY=T0K\r\n", "something else"),
        ("set /p API_KEY=Key?\r\nset KEY=T0K\r\n", "something else"),
        ("goto T0K\r\n", "a label"),
        (":T0K\r\n", "a label"),
    ],
)
def test_what_windows_would_read_otherwise_is_refused(source: str, why: str) -> None:
    with pytest.raises(RewriteRefused, match=why):
        move("batch", filled(source))


@pytest.mark.parametrize("source", ["set API_KEY=T0K", '@set "api_key=a T0K"', "setx /M API_KEY T0K"])
def test_a_token_is_named_after_its_variable(source: str) -> None:
    text = filled(source)
    keys = keys_at(text, LANGUAGE["batch"], spans_of(text)[0])
    assert name_choices(keys, "", "TOKEN")[0] == "API_KEY"
