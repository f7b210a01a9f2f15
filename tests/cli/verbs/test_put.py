"""`tokenward put`: the line in the environment file, the lookups, and values that replace others."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import tokens
from cli_shell import Shell
from provider import Provider, provider, token

OLD, NEW = token("old"), token("new")
LINE = "TOKEN=keyring://acme-api/TOKEN"


@pytest.fixture
def acme(shell: Shell) -> Iterator[Provider]:
    """A provider that the user's rules name."""
    with provider() as made:
        config = Path(shell.environment["HOME"], ".config", "tokenward")
        config.mkdir(parents=True, exist_ok=True)
        (config / "acme.yml").write_text(made.rules())
        (config / "config.toml").write_text(f'rule-files = ["{config / "acme.yml"}"]\n')
        yield made


def events(shell: Shell) -> list[str]:
    path = Path(shell.environment["HOME"], ".local", "share", "tokenward", "ledger.db")
    with closing(sqlite3.connect(path)) as connection:
        return [event for (event,) in connection.execute("SELECT event FROM records ORDER BY id")]


def test_put_adds_the_line_that_a_program_needs(shell: Shell) -> None:
    shell.write_env("OTHER=1")
    done = shell("put", "TOKEN", stdin=b"the value")
    assert done.code == 0
    assert "Added TOKEN to .env\n" in done.err
    assert (shell.folder / ".env").read_text() == f"OTHER=1\n{LINE}\n"
    assert shell("run", "--no-mask", "--", "printenv", "TOKEN").text == "the value\n"


def test_put_creates_the_environment_file_and_adds_a_line_only_once(shell: Shell) -> None:
    for _ in range(2):
        assert shell("put", "TOKEN", stdin=b"the value").code == 0
    assert (shell.folder / ".env").read_text() == f"{LINE}\n"


def test_put_uses_the_environment_file_of_the_part_where_it_runs(shell: Shell) -> None:
    (shell.folder / ".git").mkdir()
    part = shell.folder / "web"
    part.mkdir()
    shell.write_env("A=1")
    shell.write_env("B=1", name="web/.env")
    assert "Added TOKEN to web/.env" in shell.at(part)("put", "TOKEN", stdin=b"the value").err
    assert (part / ".env").read_text() == f"B=1\n{LINE}\n"


def test_put_moves_a_line_that_assigns_the_value_itself(shell: Shell) -> None:
    shell.write_env("TOKEN='the value'")
    assert shell("put", "TOKEN", stdin=b"the value").code == 0
    assert "the value" not in (shell.folder / ".env").read_text()
    assert shell("run", "--no-mask", "--", "printenv", "TOKEN").text == "the value\n"


@pytest.mark.parametrize(("name", "line"), [("TOKEN", "TOKEN=another"), ("LD_PRELOAD", "A=1")])
def test_a_line_that_does_harm_is_not_written_but_the_value_is_stored(
    shell: Shell, name: str, line: str
) -> None:
    shell.write_env(line)
    done = shell("put", name, stdin=b"the value")
    assert done.code == 0
    assert "No line was added to the environment file:" in done.err
    assert (shell.folder / ".env").read_text() == f"{line}\n"
    assert shell.get(name) == "the value"


def test_no_line_is_written_out_of_the_workspace(shell: Shell, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("A=1\n")
    (shell.folder / ".env").symlink_to(outside)
    done = shell("put", "TOKEN", stdin=b"the value")
    assert (done.code, outside.read_text()) == (0, "A=1\n")
    assert "No line was added" in done.err


def test_no_line_is_written_for_whoever_wants_none(shell: Shell) -> None:
    done = shell("put", "TOKEN", "--no-env", stdin=b"the value")
    assert (done.code, done.err) == (0, "Stored keyring://acme-api/TOKEN\n")
    assert not (shell.folder / ".env").exists()


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (["a.py"], '`os.environ["TOKEN"]` in .py files'),
        (
            ["a.ts", "b.ts", "c.js", "src/d.go"],
            '`process.env.TOKEN` in .ts and .js files or `os.Getenv("TOKEN")` in .go files',
        ),
        (["a.py", "node_modules/b.js"], '`os.environ["TOKEN"]` in .py files'),
        (["README.md"], "the variable TOKEN"),
    ],
)
def test_put_says_how_the_code_of_the_workspace_reads_it(shell: Shell, files: list[str], said: str) -> None:
    for name in files:
        (shell.folder / name).parent.mkdir(exist_ok=True)
        (shell.folder / name).write_text("")
    done = shell("put", "TOKEN", stdin=b"the value")
    assert f"Read it with {said}, and start the program with `tokenward run`.\n" in done.err


def test_a_replaced_value_keeps_its_references_and_its_lease(shell: Shell) -> None:
    shell.put("TOKEN", tokens.github("old"))
    shell.write_env(LINE)
    assert shell("lease", "TOKEN", "--uses", "9").code == 0
    done = shell("put", "TOKEN", "--replace", stdin=tokens.github("new").encode())
    assert done.code == 0
    assert done.err.splitlines()[0] == (
        "Replaced the value of keyring://acme-api/TOKEN; its references and its lease stay."
    )
    assert "after 9 uses" in done.err
    assert "The old GitHub" in done.err
    assert shell("run", "--no-mask", "--", "printenv", "TOKEN").text == f"{tokens.github('new')}\n"
    assert (shell.folder / ".env").read_text() == f"{LINE}\n"
    (listed,) = json.loads(shell("list", "--format", "json").out)["tokens"]
    assert (listed["provider"], listed["lease"]["uses"]) == ("GitHub", 8)
    assert events(shell)[-3:] == ["replaced", "put", "resolved"]


def test_a_lease_that_has_ended_is_mentioned(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    assert shell("lease", "TOKEN", "--uses", "1").code == 0
    shell.get("TOKEN")
    done = shell("put", "TOKEN", "--replace", stdin=b"another value")
    assert "The lease of TOKEN has ended" in done.err
    assert "tokenward lease TOKEN" in done.err


def test_the_same_value_replaces_nothing(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    done = shell("put", "TOKEN", "--replace", stdin=b"the value")
    assert (done.code, done.err) == (0, "keyring://acme-api/TOKEN already has that value.\n")


def test_nothing_is_replaced_under_a_new_name(shell: Shell) -> None:
    shell.put("OTHER", "x")
    done = shell("put", "TOKEN", "--replace", stdin=b"the value")
    assert done.code == 2
    assert "store it with `tokenward put TOKEN`" in done.err


@pytest.mark.parametrize(
    ("answers", "is_revoked", "said"),
    [
        (["y", "y"], True, "revoked the Acme token"),
        (["y", "n"], False, "The old Acme token (32 characters) may still work"),
        (["n"], False, "The old Acme token (32 characters) may still work"),
    ],
)
def test_a_person_may_revoke_the_old_value_at_once(
    shell: Shell, acme: Provider, answers: list[str], said: str, *, is_revoked: bool
) -> None:
    shell.put("TOKEN", OLD)
    questions = ["[y/N]: ", "Revoke it? [y/N]: "]
    with shell.terminal("put", "TOKEN", "--replace") as terminal:
        terminal.expect("Value of TOKEN: ")
        terminal.type(f"{NEW}\n")
        for question, answer in zip(questions, answers, strict=False):
            terminal.expect(question)
            terminal.type(f"{answer}\n")
        assert terminal.end() == 0
    assert said in terminal.shown
    assert OLD not in terminal.shown
    assert NEW not in terminal.shown
    assert shell.get("TOKEN") == NEW
    assert ("/revoke" in acme.paths()) is is_revoked
    assert all(OLD in request.text and NEW not in request.text for request in acme.requests)


def test_nothing_is_sent_where_nobody_can_be_asked(shell: Shell, acme: Provider) -> None:
    shell.put("TOKEN", OLD)
    done = shell("put", "TOKEN", "--replace", stdin=NEW.encode())
    assert (done.code, acme.requests) == (0, [])
    assert "The old Acme token (32 characters) may still work" in done.err
    assert shell.get("TOKEN") == NEW


def test_an_answer_that_never_comes_does_not_undo_the_replacement(shell: Shell, acme: Provider) -> None:
    shell.put("TOKEN", OLD)
    with shell.terminal("put", "TOKEN", "--replace") as terminal:
        terminal.expect("Value of TOKEN: ")
        terminal.type(f"{NEW}\n")
        terminal.expect("[y/N]: ")
        terminal.type("\x04")
        assert terminal.end() == 0
    assert acme.requests == []
    assert shell.get("TOKEN") == NEW
