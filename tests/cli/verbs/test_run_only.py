"""`--only`: a command gets the requested variables and no others of the workspace, even if they are exported."""

from __future__ import annotations

from pathlib import Path

import pytest

from cli_shell import Shell
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger

TWO = ("A=keyring://acme-api/TOKEN", "B=keyring://acme-api/OTHER")


@pytest.fixture
def two(stored: Shell) -> Shell:
    """A workspace with two tokens."""
    stored.put("OTHER", "another value")
    stored.write_env(*TWO)
    return stored


def environment(shell: Shell, *options: str, **exported: str) -> dict[str, str]:
    done = shell.having(**exported)("run", "--no-mask", *options, "--", "env")
    assert done.code == 0, done.err
    return dict(line.split("=", 1) for line in done.text.splitlines() if "=" in line)


def resolved(shell: Shell) -> list[str]:
    ledger = Ledger(Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db"))
    return [str(record.reference) for record in ledger.records() if record.event == Event.RESOLVED]


def test_only_what_is_asked_for_is_given_resolved_and_recorded(two: Shell) -> None:
    found = environment(two, "--only", "B")
    assert (found.get("A"), found["B"]) == (None, "another value")
    assert resolved(two) == ["keyring://acme-api/OTHER"]


def test_several_names_are_given_in_one_option_or_in_several(two: Shell) -> None:
    two.write_env(*TWO, "C=c", "D=d")
    found = environment(two, "--only", "A, C", "--only=D")
    assert {name: found.get(name) for name in "ABCD"} == {"A": "the value", "B": None, "C": "c", "D": "d"}


def test_what_was_exported_does_not_come_in_by_another_way(two: Shell) -> None:
    two.write_env(*TWO, "PLAIN=1")
    exported = {"A": "an old value", "PLAIN": "2", "ELSEWHERE": "x keyring://elsewhere/TOKEN", "KEPT": "3"}
    found = environment(two, "--only", "B", **exported)
    assert {"A", "PLAIN", "ELSEWHERE"} & found.keys() == set()
    assert (found["B"], found["KEPT"]) == ("another value", "3")


def test_a_variable_has_what_it_is_made_of_even_if_that_is_left_out(two: Shell) -> None:
    two.write_env(*TWO, "URL=https://${A}@host", "NONE=${B:+x}")
    found = environment(two, "--only", "URL")
    assert found["URL"] == "https://the value@host"
    assert {"A", "B"} & found.keys() == set()
    assert resolved(two) == ["keyring://acme-api/TOKEN"]


def test_a_left_out_reference_need_not_resolve(two: Shell) -> None:
    two.write_env(*TWO, "C=keyring://elsewhere/TOKEN", "D=${C}")
    assert environment(two, "--only", "A")["A"] == "the value"


def test_a_reference_that_a_later_file_replaces_is_not_asked_for(two: Shell) -> None:
    two.write_env("A=plain", name="later.env")
    assert environment(two, "-f", ".env", "-f", "later.env", "--only", "A")["A"] == "plain"
    assert resolved(two) == []


@pytest.mark.parametrize("only", ["NONE", "A,NONE", "PATH"])
def test_a_name_that_no_file_assigns_starts_nothing(two: Shell, only: str) -> None:
    done = two("run", "--only", only, "--", "touch", "started")
    name = only.rsplit(",", maxsplit=1)[-1]
    assert (done.code, done.err) == (
        125,
        f"tokenward: {name} is not assigned in .env; check its spelling. touch was not started.\n",
    )
    assert not two.folder.joinpath("started").exists()


@pytest.mark.parametrize("only", ["", ",", " "])
def test_no_name_is_not_all_of_them(two: Shell, only: str) -> None:
    done = two("run", "--only", only, "--", "true")
    assert (done.code, done.err.count("\n")) == (125, 1)


def test_a_file_cannot_forge_what_stands_for_a_reference(two: Shell) -> None:
    """Internally, a mark replaces each reference until its value is known."""
    two.write_env(*TWO, "C=\0" + "0" * 16 + ":0\0")
    assert two("run", "--only", "C", "--", "true").code == 125
    assert resolved(two) == []
