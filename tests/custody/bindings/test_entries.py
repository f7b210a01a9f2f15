"""The record of stored tokens, and the names of new ones."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.bindings.entries import Entries
from tokenward.errors import StateDamaged
from tokenward.model import TOKEN_NAME, Fingerprint, Reference

ONE, TWO, THREE = (Fingerprint(digit * 32) for digit in "123")
TOKEN = Reference("acme", "GITHUB_TOKEN")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "custody.db"


@pytest.fixture
def entries(path: Path) -> Entries:
    return Entries(path)


def test_what_was_added_is_found(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "GitHub")
    entry = entries.get(TOKEN)
    assert (entry.reference, entry.fingerprint, entry.provider) == (TOKEN, ONE, "GitHub")
    assert entries.find("acme", ONE) == entry
    assert entries.in_workspace("acme") == entries.all() == (entry,)


def test_nothing_is_found_where_nothing_is(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "GitHub")
    assert entries.get(Reference("acme", "OTHER")) is None
    assert entries.get(Reference("other", "GITHUB_TOKEN")) is None
    assert entries.find("acme", TWO) is None
    assert entries.find("other", ONE) is None
    assert entries.in_workspace("other") == ()


def test_an_entry_is_forgotten_once(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "GitHub")
    assert entries.remove(TOKEN)
    assert not entries.remove(TOKEN)
    assert entries.all() == ()


def test_a_record_follows_the_vault(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "GitHub")
    entries.add(TOKEN, TWO, "GitLab")
    assert [(entry.fingerprint, entry.provider) for entry in entries.all()] == [(TWO, "GitLab")]


def test_of_two_names_for_one_value_the_older_is_found(entries: Entries) -> None:
    entries.add(Reference("acme", "Z"), ONE, "")
    entries.add(Reference("acme", "A"), ONE, "")
    assert entries.find("acme", ONE).reference.name == "Z"  # type: ignore[union-attr]


def test_a_free_name_is_the_one_that_was_wanted(entries: Entries) -> None:
    entries.add(Reference("other", "GITHUB_TOKEN"), TWO, "")
    assert entries.free_name("acme", ["GITHUB_TOKEN"], ONE) == "GITHUB_TOKEN"


def test_a_value_that_is_stored_keeps_its_name(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    assert entries.free_name("acme", ["OTHER"], ONE) == "GITHUB_TOKEN"


def test_a_name_that_holds_another_value_is_numbered(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    entries.add(Reference("acme", "GITHUB_TOKEN_2"), TWO, "")
    assert entries.free_name("acme", ["GITHUB_TOKEN"], THREE) == "GITHUB_TOKEN_3"
    assert entries.free_name("acme", ["GITHUB_TOKEN"], THREE, {"GITHUB_TOKEN_3"}) == "GITHUB_TOKEN_4"


def test_a_taken_name_is_not_given_even_to_the_value_that_it_holds(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    assert entries.free_name("acme", ["X"], ONE, {"GITHUB_TOKEN"}) == "X"


def test_a_clash_takes_the_next_choice_before_a_number(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    choices = ["GITHUB_TOKEN", "CI_GITHUB_TOKEN"]
    assert entries.free_name("acme", choices, TWO) == "CI_GITHUB_TOKEN"
    assert entries.free_name("acme", choices, TWO, {"CI_GITHUB_TOKEN"}) == "GITHUB_TOKEN_2"


def test_a_preferred_name_comes_before_the_one_that_the_value_has(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    entries.add(Reference("acme", "OTHER"), TWO, "")
    assert entries.free_name("acme", ["X"], ONE, preferred=["GH_TOKEN"]) == "GH_TOKEN"
    assert entries.free_name("acme", ["X"], ONE, preferred=["OTHER"]) == "GITHUB_TOKEN"
    assert entries.free_name("acme", ["X"], ONE, {"GH_TOKEN"}, preferred=["GH_TOKEN"]) == "GITHUB_TOKEN"


def test_names_that_differ_in_case_are_one(entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    assert entries.free_name("acme", ["github_token"], TWO) == "github_token_2"
    assert entries.free_name("acme", ["X"], TWO, {"x"}) == "X_2"


@given(wanted=st.from_regex(TOKEN_NAME, fullmatch=True), count=st.integers(0, 12))
def test_a_numbered_name_is_still_a_name(
    tmp_path_factory: pytest.TempPathFactory, wanted: str, count: int
) -> None:
    entries = Entries(tmp_path_factory.mktemp("names") / "custody.db")
    taken: set[str] = set()
    for _ in range(count):
        taken.add(entries.free_name("acme", [wanted], ONE, taken))
    name = entries.free_name("acme", [wanted], ONE, taken)
    assert len(taken) == count
    assert name not in taken
    assert TOKEN_NAME.fullmatch(name)


def test_a_row_that_is_no_entry_is_refused(path: Path, entries: Entries) -> None:
    entries.add(TOKEN, ONE, "")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE entries SET name = 'not a name'")
    with pytest.raises(StateDamaged, match="this version of Tokenward cannot read"):
        entries.all()
