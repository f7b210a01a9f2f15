"""`tokenward ignore list`, `prune`, and the doctor's report of ignored findings."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from tokenward.cli.verbs.doctor import SHOWN_AT_MOST

WHY = ("--reason", "a test value")
GONE = "its token is no longer found"


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    """A shell in a repository with one token ignored by a comment, and two by entries, one of them gone."""
    folder = bare_shell.folder
    folder.joinpath(".git").mkdir()
    folder.joinpath("a.py").write_text(
        f'x = "{tokens.github()}"\ny = "{tokens.stripe()}"  # gitleaks:allow\n'
    )
    folder.joinpath("b.py").write_text(f'x = "{tokens.npm()}"\n')
    assert bare_shell("ignore", "a.py:1", "b.py:1", *WHY).code == 0
    folder.joinpath("b.py").unlink()
    return bare_shell


def ignore_file(shell: Shell) -> Path:
    return shell.folder / ".tokenwardignore"


def test_the_list_says_what_is_silenced_where_and_by_what(shell: Shell) -> None:
    done = shell("ignore", "list")
    assert done.code == 0
    assert done.text.splitlines() == [
        ".tokenwardignore:2: ** github-pat, one value (a test value)",
        f".tokenwardignore:3: ** npm-access-token, one value (a test value); stale: {GONE}",
        "a.py:1: github-pat, ignored by .tokenwardignore:2",
        "a.py:2: stripe-access-token, ignored by a comment",
        "Ignored: 1 by .tokenwardignore, 1 by a comment. Stale entries: 1; `tokenward ignore prune` removes them.",
    ]


def test_the_list_for_programs_says_the_same(shell: Shell) -> None:
    listed = json.loads(shell("ignore", "list", "--format", "json").out)
    assert [(entry["line"], entry["stale"]) for entry in listed["entries"]] == [(2, False), (3, True)]
    assert listed["silenced"][0] == {
        "path": "a.py",
        "line": 1,
        "rule": "betterleaks.github-pat",
        "by": ".tokenwardignore:2",
    }
    assert (listed["workspace"], listed["in_effect"], listed["left_out"]) == (str(shell.folder), True, [])


def test_the_list_shows_no_value_and_no_escape_of_a_hostile_repository(shell: Shell) -> None:
    with ignore_file(shell).open("a") as file:
        file.write("a.py x any - # \x1b[2J ::error::\n")
    shell.folder.joinpath("\x1b[2J.py").write_text(f'x = "{tokens.gitlab()}"  # gitleaks:allow\n')
    out = shell("ignore", "list").text + shell("ignore", "list", "--format", "json").text
    assert "[2J.py" in out
    assert "\x1b" not in out
    assert tokens.gitlab() not in out


def test_pruning_removes_what_is_stale_and_needs_a_yes(shell: Shell) -> None:
    before = ignore_file(shell).read_text()
    done = shell("ignore", "prune")
    assert done.code == 2
    assert "stale: .tokenwardignore:3: ** npm-access-token" in done.err
    assert "pass `--yes`" in done.err
    assert ignore_file(shell).read_text() == before
    assert shell("ignore", "prune", "--yes").code == 0
    assert ignore_file(shell).read_text() == "".join(before.splitlines(keepends=True)[:2])
    assert "No entry is stale" in shell("ignore", "prune", "--yes").err


def test_a_person_is_asked_before_anything_is_removed(shell: Shell) -> None:
    before = ignore_file(shell).read_text()
    with shell.terminal("ignore", "prune") as terminal:
        terminal.expect("Remove 1 entry?")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert ignore_file(shell).read_text() == before


def test_an_entry_for_what_could_not_be_looked_at_is_kept_and_told(shell: Shell) -> None:
    shell.folder.joinpath("huge.log").write_bytes(b"x" * 10_000_001)
    before = ignore_file(shell).read_text()
    done = shell("ignore", "prune", "--yes")
    assert done.code == 0
    assert "kept: .tokenwardignore:3" in done.err
    assert "huge.log is larger than" in done.err
    assert ignore_file(shell).read_text() == before


def test_the_doctor_tells_what_is_silenced(shell: Shell) -> None:
    out = shell("doctor").text
    assert "✓ ignored: 1 by .tokenwardignore, 1 by a comment. Stale entries: 1;" in out
    assert "✓ ignored: a.py:1: github-pat, ignored by .tokenwardignore:2" in out
    assert "✓ ignored: a.py:2: stripe-access-token, ignored by a comment" in out


def test_the_doctor_tells_what_has_no_effect_and_what_is_kept_out(shell: Shell) -> None:
    with ignore_file(shell).open("a") as file:
        file.write("<<<<<<< ours\n")
    shell.folder.joinpath("tokenward.toml").write_text('exclude = ["secret/"]\n')
    shell.folder.joinpath("secret").mkdir()
    done = shell("doctor")
    assert "✗ ignoring: .tokenwardignore:4 has no effect" in done.text
    assert "excludes 1 folder: secret/" in done.text
    assert done.code == 1


def test_the_doctor_tells_only_so_many_places(shell: Shell) -> None:
    values = "".join(
        f'x = "{tokens.github(number)}"  # gitleaks:allow\n' for number in range(SHOWN_AT_MOST + 8)
    )
    shell.folder.joinpath("many.py").write_text(values)
    out = shell("doctor").text
    assert out.count("ignored by") == SHOWN_AT_MOST
    assert "10 more; `tokenward ignore list` shows them" in out


def test_the_doctor_tells_when_a_user_heeds_none_of_it(shell: Shell) -> None:
    config = Path(shell.environment["HOME"], ".config", "tokenward", "config.toml")
    config.parent.mkdir(parents=True)
    config.write_text("allow-repository-ignores = false\n")
    assert "`allow-repository-ignores` is off here" in shell("doctor").text
    assert "`allow-repository-ignores` is off here" in shell("ignore", "list").text


def test_the_doctor_goes_on_where_nothing_can_be_scanned(shell: Shell) -> None:
    done = shell.having(HOME="/dev/null")("doctor")
    assert done.code == 1
    assert "✗ ignored: failed" in done.text
    assert "✓ tokenward: " in done.text
