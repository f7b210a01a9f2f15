"""`tokenward ignore`: which findings it ignores, and when it refuses."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import tokens
from cli_shell import Shell
from tokenward.cli.verbs.ignore import last_day
from tokenward.errors import TokenwardError

TODAY = date(2026, 11, 25)
WHY = ("--reason", "a test value")


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    """A shell in a repository with tokens on three lines of two files."""
    bare_shell.folder.joinpath(".git").mkdir()
    bare_shell.folder.joinpath("app.py").write_text(
        f'x = "{tokens.github()}"\ny = "{tokens.npm()}"; z = "{tokens.stripe()}"\n'
    )
    bare_shell.folder.joinpath("data.json").write_text(f'{{"😀": "{tokens.gitlab()}"}}\n')
    return bare_shell


def found(shell: Shell) -> set[str]:
    report = json.loads(shell("scan", "--format", "json").out)
    return {f"{one['path']}:{one['start']['line'] + 1}" for one in report["findings"]}


def summary(shell: Shell) -> dict[str, Any]:
    reported: dict[str, Any] = json.loads(shell("scan", "--format", "json").out)["summary"]
    return reported


def ignore_file(shell: Shell) -> Path:
    return shell.folder / ".tokenwardignore"


def test_a_line_is_ignored_and_nothing_else(shell: Shell) -> None:
    done = shell("ignore", "app.py:1", *WHY)
    assert done.code == 0, done.err
    assert "app.py:1: ignored the GitHub token (ghp_…, 40 characters) everywhere" in done.err
    assert found(shell) == {"app.py:2", "data.json:1"}
    assert tokens.github() not in done.err + ignore_file(shell).read_text()


def test_all_tokens_of_a_line_are_ignored_or_the_one_at_a_column(shell: Shell) -> None:
    assert shell("ignore", "app.py:2:6", *WHY).code == 0
    assert found(shell) == {"app.py:1", "app.py:2", "data.json:1"}
    assert shell("ignore", "app.py:2", *WHY).code == 0
    assert found(shell) == {"app.py:1", "data.json:1"}
    assert len(ignore_file(shell).read_text().splitlines()) == 3


def test_every_place_that_a_scan_prints_can_be_ignored(shell: Shell) -> None:
    shell.folder.joinpath("a:3\nb\\.py").write_text(f'x = "{tokens.github(1)}"\n')
    printed = re.findall(r"^(.*): (?:error|warning): ", shell("scan").text, re.MULTILINE)
    assert len(printed) == 5
    assert shell("ignore", *printed, *WHY).code == 0
    assert found(shell) == set()


def test_a_token_is_ignored_from_any_folder_and_into_the_workspace_of_the_file(shell: Shell) -> None:
    (shell.folder / "inner").mkdir()
    assert shell.at(shell.folder / "inner")("ignore", "../app.py:1", *WHY).code == 0
    elsewhere = shell.folder.parent / "elsewhere"
    elsewhere.mkdir()
    assert shell.at(elsewhere)("ignore", str(shell.folder / "data.json:1"), *WHY).code == 0
    assert found(shell) == {"app.py:2"}
    assert list(elsewhere.iterdir()) == []


def test_ignoring_again_changes_the_terms(shell: Shell) -> None:
    shell("ignore", "app.py:1", *WHY, "--until", "1d")
    shell("ignore", "app.py:1", "--reason", "a better reason")
    (entry,) = ignore_file(shell).read_text().splitlines()[1:]
    assert entry.endswith(" - # a better reason")


@pytest.mark.parametrize(
    ("arguments", "reported"),
    [
        (["app.py:3", *WHY], "No token was found at"),
        (["app.py:99:7", *WHY], "No token was found at"),
        (["app.py:1:2", *WHY], "No token was found at"),
        (["data.json", *WHY], "has no line"),
        (["absent.py:1", *WHY], "absent.py does not exist"),
        ([".:1", *WHY], "is not a text file"),
        (["app.py:1"], "only for a reason"),
        (["app.py:1", "--reason", " "], "only for a reason"),
        (["app.py:1", *WHY, "--until", "2020-01-01"], "is past"),
        (["app.py:1", *WHY, "--until", "soon"], "soon is not a date"),
        (["app.py:1", *WHY, "--scope", "tests/**"], "does not apply to app.py"),
        (["app.py:1", "absent.py:1", *WHY], "absent.py does not exist"),
        ([*WHY], "No place is given"),
        (["--all", *WHY], "requires confirmation"),
        (["--all", "absent", *WHY, "--yes"], "absent does not exist"),
        (["--all", "--yes"], "only for a reason"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_writes_nothing(
    shell: Shell, arguments: list[str], reported: str
) -> None:
    done = shell("ignore", *arguments)
    assert done.code == 2
    assert reported in done.err
    assert not ignore_file(shell).exists()


def test_a_token_that_something_else_silences_is_told_so(shell: Shell) -> None:
    shell.folder.joinpath("app.py").write_text(f'x = "{tokens.github()}"  # gitleaks:allow\n')
    done = shell("ignore", "app.py:1", *WHY)
    assert done.code == 2
    assert "is already ignored by a comment" in done.err


def test_a_link_out_of_the_folder_is_not_followed(shell: Shell) -> None:
    other = shell.folder.parent / "other"
    other.mkdir()
    other.joinpath("app.py").write_text(f'x = "{tokens.github(2)}"\n')
    shell.folder.joinpath("link.py").symlink_to(other / "app.py")
    done = shell("ignore", "link.py:1", *WHY)
    assert (done.code, "is reached by a link" in done.err) == (2, True)
    assert not ignore_file(shell).exists()
    assert [path.name for path in other.iterdir()] == ["app.py"]


def test_a_reason_is_asked_of_a_person(shell: Shell) -> None:
    with shell.terminal("ignore", "app.py:1") as terminal:
        terminal.expect("Why may the token stay")
        terminal.type("a test value\n")
        assert terminal.end() == 0
    assert ignore_file(shell).read_text().endswith("# a test value\n")


def test_everything_is_ignored_at_once_when_somebody_says_yes(shell: Shell) -> None:
    done = shell("ignore", "--all", *WHY, "--until", "90d", "--yes")
    assert done.code == 0, done.err
    assert "4 tokens ignored by 4 entries" in done.err
    assert "app.py:2: Stripe API key (sk_live_…, 32 characters)" in done.err
    assert found(shell) == set()
    until = f"until:{date.today() + timedelta(90)}"  # noqa: DTZ011 - the user's calendar
    assert ignore_file(shell).read_text().count(until) == 4
    assert "No tokens were found" in shell("ignore", "--all", *WHY, "--yes").err


def test_everything_of_some_paths_is_ignored_and_what_was_ignored_keeps_its_terms(shell: Shell) -> None:
    shell("ignore", "app.py:1", "--reason", "the first reason")
    assert shell("ignore", "--all", "app.py", *WHY, "--yes").code == 0
    assert found(shell) == {"data.json:1"}
    assert ignore_file(shell).read_text().count("# the first reason") == 1
    assert ignore_file(shell).read_text().count("# a test value") == 2


def test_everything_is_ignored_by_a_person_who_saw_what_it_is(shell: Shell) -> None:
    for answer, code, left in (("n", 2, 3), ("y", 0, 0)):
        with shell.terminal("ignore", "--all", *WHY) as terminal:
            terminal.expect("app.py:1: GitHub token")
            terminal.expect("Ignore 4 tokens permanently?")
            terminal.type(f"{answer}\n")
            assert terminal.end() == code
        assert len(found(shell)) == left


def test_a_second_scan_tells_the_same_of_what_is_silenced(shell: Shell) -> None:
    shell("ignore", "app.py:1", *WHY)
    with shell.folder.joinpath("app.py").open("a") as file:
        file.write(f'a = "{tokens.github(5)}"  # tokenward:ignore\n')
    first = summary(shell)
    assert first["silenced"] == [
        {"source": ".tokenwardignore", "count": 1},
        {"source": "a comment", "count": 1},
    ]
    again = summary(shell)
    assert {**again, "seconds": 0} == {**first, "seconds": 0}


DAYS = {
    "2026-11-25": TODAY,
    "1d": TODAY + timedelta(1),
    "90d": TODAY + timedelta(90),
    "12w": TODAY + timedelta(84),
}


@pytest.mark.parametrize("text", DAYS)
def test_a_day_is_named_by_its_date_or_by_a_span(text: str) -> None:
    assert last_day(text, TODAY) == DAYS[text]


@pytest.mark.parametrize(
    "text", ["0d", "-3d", "90", "d", "2026-02-30", "20261125", "999999999w", "2026-W01-1", "٩d"]
)
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(TokenwardError, match="is not a date"):
        last_day(text, TODAY)


def asked(shell: Shell, tool: str, **given: str) -> str:
    """Return the reason with which an agent's hook denies a tool; empty if it does not."""
    payload = {
        "hook_event_name": "PreToolUse",
        "cwd": str(shell.folder),
        "tool_name": tool,
        "tool_input": given,
    }
    done = shell("agents", "hook", "claude-code", stdin=json.dumps(payload).encode())
    assert done.code == 0, done.err
    answer = json.loads(done.out or "{}").get("hookSpecificOutput", {})
    return str(answer.get("permissionDecisionReason", ""))


def reading(shell: Shell) -> str:
    return asked(shell, "Read", file_path=str(shell.folder / "app.py"))


def test_agents_read_and_write_what_a_person_ignored(shell: Shell) -> None:
    text = f'x = "{tokens.github()}"\n'
    shell.folder.joinpath("app.py").write_text(text)
    assert "tokenward ignore FILE:LINE" in reading(shell)
    with shell.terminal("ignore", "app.py:1", *WHY) as terminal:
        assert terminal.end() == 0
    assert reading(shell) == ""
    copy = str(shell.folder / "copy.py")
    assert asked(shell, "Write", file_path=copy, content=text) == ""
    assert "contains" in asked(shell, "Write", file_path=copy, content=f'y = "{tokens.npm()}"')
    kept = shell.data / "allowed-for-agents.txt"
    assert tokens.github() not in kept.read_text()
    shell.folder.joinpath("app.py").write_text(f'x = "{tokens.github(2)}"\n')
    assert "contains" in reading(shell)


def test_nobody_but_a_person_allows_agents_a_token(shell: Shell) -> None:
    shell.folder.joinpath("app.py").write_text(f'x = "{tokens.github()}"\n')
    assert shell("ignore", "app.py:1", *WHY).code == 0
    assert "contains" in reading(shell)
    with shell.having(CLAUDECODE="1").terminal("ignore", "app.py:1", *WHY) as terminal:
        terminal.end()
    assert "contains" in reading(shell)


def test_keys_of_test_modes_are_not_worth_a_denial(shell: Shell) -> None:
    for value in (f"sk_{'test'}_{tokens.stripe()[8:]}", f"django-{'insecure'}-{'h7$k2=v9q' * 6}"):
        shell.folder.joinpath("app.py").write_text(f'SECRET_KEY = "{value}"\n')
        assert reading(shell) == ""
