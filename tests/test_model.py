"""Secrets hide their values, and references end at well-defined characters."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.model import Reference, Secret, reference_of, references_in

NAMES = st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,20}", fullmatch=True)
WORKSPACES = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,20}", fullmatch=True)


@given(st.text(min_size=8).filter(lambda v: v not in "<token, 0123456789 characters>"))
def test_a_secret_prints_as_its_label(value: str) -> None:
    secret = Secret(value)
    for shown in (repr(secret), str(secret), f"{secret}", f"{[secret]}", f"{ {'a': secret} }"):
        assert value not in shown
    assert secret.reveal() == value


def test_a_secret_is_not_serialised() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("value"))


@given(st.text(), st.text())
def test_secrets_are_equal_as_their_values_are(one: str, other: str) -> None:
    assert (Secret(one, "a") == Secret(other, "b")) == (one == other)


@given(WORKSPACES, NAMES)
def test_a_reference_is_found_where_it_stands(workspace: str, name: str) -> None:
    reference = Reference(workspace, name)
    text = f'x = "{reference}"'
    ((span, found),) = references_in(text)
    assert found == reference
    assert text[span.start : span.end] == str(reference)
    assert reference_of(str(reference)) == reference
    assert [reference_of(one) for one in (text, f"{reference}\n", f" {reference}", name)] == [None] * 4


@pytest.mark.parametrize(
    ("before", "after"), [("x", ""), ("", "-more"), ("", "/more"), ("x", "x"), ("9", "")]
)
def test_a_reference_with_doubtful_borders_is_none(before: str, after: str) -> None:
    assert not list(references_in(f"{before}keyring://acme/NAME{after}"))


@pytest.mark.parametrize(
    ("workspace", "name"),
    [
        ("", "A"),
        ("Acme", "A"),
        ("../x", "A"),
        ("a/b", "A"),
        ("a", ""),
        ("a", "1A"),
        ("a", "A-B"),
        ("a", "A\0"),
    ],
)
def test_a_reference_of_other_characters_cannot_be_made(workspace: str, name: str) -> None:
    with pytest.raises(ValueError, match="not a"):
        Reference(workspace, name)
