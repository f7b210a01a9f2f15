from __future__ import annotations

import base64
import json
import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import tokens
from cli_shell import TOKENWARD, Shell
from examples import fewer
from git_tree import git, repository
from tokenward.cli.app import app
from vault_calls import enter


@pytest.fixture
def runner(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    enter(dict(shell.environment), monkeypatch)
    monkeypatch.chdir(shell.folder)
    return CliRunner()


# What ends with a carriage return would have another line end.
VALUES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300).filter(
    lambda text: not text.endswith("\r")
)


@settings(
    max_examples=fewer(8, long=25), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(value=VALUES, end=st.sampled_from(["\n", "\r\n"]))
def test_every_text_comes_back_as_it_was_put(runner: CliRunner, value: str, end: str) -> None:
    assert runner.invoke(app, ["put", "ANY"], input=(value + end).encode()).exit_code == 0
    got = runner.invoke(app, ["get", "ANY"])
    removed = runner.invoke(app, ["rm", "ANY", "--yes"])
    assert (got.stdout_bytes.decode(), removed.exit_code) == (f"{value}\n", 0)


def test_a_value_is_taken_without_its_last_line_end_alone(shell: Shell) -> None:
    for name, given_, kept in (
        ("A", "x", "x"),
        ("B", "x\n\n", "x\n"),
        ("C", "x\r\n", "x"),
        ("D", "x\r", "x\r"),
    ):
        shell.put(name, given_)
        assert shell("get", name).text == f"{kept}\n"


def test_what_is_stored_is_found_by_other_programs(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    query = ["secret-tool", "lookup", "service", "tokenward/acme-api/TOKEN"]
    done = subprocess.run(query, env=dict(shell.environment), capture_output=True, check=True)
    assert done.stdout == b"the value"


def test_no_entry_is_overwritten(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    same = shell("put", "TOKEN", "--no-env", stdin=b"the value")
    other = shell("put", "TOKEN", stdin=b"another value")
    assert (same.code, same.err) == (0, "keyring://acme-api/TOKEN already has that value\n")
    assert other.code == 2
    assert "already has another value under keyring://acme-api/TOKEN" in other.err
    assert "`tokenward put TOKEN --replace`" in other.err
    assert not (shell.folder / ".env").exists()
    assert shell.get("TOKEN") == "the value"


@pytest.mark.parametrize("content", [b"", b"\n", b"\xff\xfe", b"x" * 1_000_001])
def test_what_is_no_value_is_refused_without_being_repeated(bare_shell: Shell, content: bytes) -> None:
    done = bare_shell("put", "TOKEN", stdin=content)
    assert done.code == 2
    assert done.err.endswith("nothing was stored.\n")
    assert len(done.err) < 120


@pytest.mark.parametrize("value", ["the-value", "--the-value", "--the-value=1"])
def test_a_value_on_the_command_line_is_refused_without_being_repeated(bare_shell: Shell, value: str) -> None:
    done = bare_shell("put", "TOKEN", value, stdin=b"another")
    assert (done.code, "the-value" in done.err) == (2, False)
    assert done.err.startswith("tokenward: A value on the command line is refused")
    assert done.err.count("\n") == 1
    assert b"[OPTIONS] {name}\n" in bare_shell("put", "--help").out


@pytest.mark.parametrize("name", ["", "1A", "A-B", "A B", "../A", "Ä", "A\x1b[2J", "A" * 129])
def test_a_name_that_no_token_can_have_is_refused(bare_shell: Shell, name: str) -> None:
    for verb in ("put", "get", "rm"):
        done = bare_shell(verb, "--", name, stdin=b"value")
        assert (done.code, done.out) == (2, b"")
        assert done.err.startswith("tokenward: A token's name consists of letters, digits")
        assert done.err.count("\n") == 1


def test_put_asks_for_a_hidden_value_at_a_terminal(shell: Shell) -> None:
    with shell.terminal("put", "TOKEN") as terminal:
        terminal.expect("Value of TOKEN: ")
        terminal.type("the value\n")
        assert terminal.end() == 0
    assert "the value" not in terminal.shown
    assert shell.get("TOKEN") == "the value"


def test_get_prints_to_a_program_without_asking(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    for name in ("TOKEN", "keyring://acme-api/TOKEN"):
        done = shell("get", name)
        assert (done.code, done.out, done.err) == (0, b"the value\n", "")


@pytest.mark.parametrize(
    ("answer", "code", "is_shown"), [("y\n", 0, True), ("n\n", 2, False), ("\n", 2, False)]
)
def test_get_asks_before_a_screen_shows_the_value(
    shell: Shell, answer: str, code: int, *, is_shown: bool
) -> None:
    shell.put("TOKEN", "the value")
    with shell.terminal("get", "TOKEN") as terminal:
        terminal.expect("Show the value of keyring://acme-api/TOKEN on this screen?")
        assert "the value\r" not in terminal.shown
        terminal.type(answer)
        assert terminal.end() == code
    assert ("the value\r\n" in terminal.shown) is is_shown


@pytest.mark.parametrize(("key", "code"), [("\x03", 130), ("\x04", 2)])
def test_a_question_that_is_broken_off_ends_without_a_traceback(shell: Shell, key: str, code: int) -> None:
    shell.put("TOKEN", "the value")
    with shell.terminal("get", "TOKEN") as terminal:
        terminal.expect("[y/N]")
        terminal.type(key)
        assert terminal.end() == code
    assert "Traceback" not in terminal.shown
    assert "the value\r" not in terminal.shown


def test_get_shows_at_once_when_told_so(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    with shell.terminal("get", "TOKEN", "--yes") as terminal:
        assert terminal.end() == 0
    assert terminal.shown == "the value\r\n"


def test_get_says_what_is_missing(shell: Shell) -> None:
    first = shell("get", "TOKEN")
    shell.put("OTHER", "x")
    second, third = shell("get", "TOKEN"), shell("get", "keyring://unknown/TOKEN")
    assert [done.code for done in (first, second, third)] == [2, 2, 2]
    assert "has no stored tokens yet; store one with `tokenward put TOKEN`" in first.err
    assert "keyring://acme-api/TOKEN" in second.err
    assert "unknown belongs to no folder on this machine" in third.err


def test_a_long_list_keeps_each_reference_whole_on_a_narrow_terminal(shell: Shell, tmp_path: Path) -> None:
    long = tmp_path / ("a-long-workspace-name-" * 3)[:60]
    long.mkdir()
    names = ["TOKEN", "A_VERY_LONG_NAME_FOR_A_TOKEN_" * 3]
    for name in names:
        shell.at(long).put(name, name)
    shell.put("SHORT", "x")
    narrow = 'stty cols 80; exec "$0" list'
    with shell.terminal("-c", narrow, TOKENWARD, command=("sh",)) as terminal:
        assert terminal.end() == 0
    rows = [line.split() for line in terminal.shown.splitlines()]
    assert rows[0] == ["REFERENCE", "TOKEN", "OF", "GOES", "TO", "LEASE", "FOLDER"]
    assert [row[0] for row in rows[1:]] == [
        *(f"keyring://{long.name}/{name}" for name in sorted(names)),
        "keyring://acme-api/SHORT",
    ]
    assert [row[-1] for row in rows[1:]] == [str(long), str(long), str(shell.folder)]


def test_a_list_for_programs_has_all_but_the_values(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    assert shell.agree("unbind", "acme-api") == 0
    done = shell("list", "--format", "json")
    (token,) = json.loads(done.out)["tokens"]
    assert token.pop("stored").startswith("20")
    assert token.pop("lease")["over"] is None
    assert token == {
        "name": "TOKEN",
        "reference": "keyring://acme-api/TOKEN",
        "provider": None,
        "hosts": [],
        "folder": None,
    }
    assert "no folder" in shell("list").text


def test_an_empty_list_prints_nothing_for_programs(bare_shell: Shell) -> None:
    done = bare_shell("list")
    assert (done.code, done.out) == (0, b"")
    assert json.loads(bare_shell("list", "--format", "json").out) == {"tokens": []}


def test_a_folders_hostile_name_cannot_steer_the_terminal(shell: Shell, tmp_path: Path) -> None:
    hostile = tmp_path / "a\x1b]0;owned\x07\n\u202eb"
    hostile.mkdir()
    shell.at(hostile).put("TOKEN", "x")
    done = [shell("list"), shell("workspaces"), shell.at(hostile)("doctor"), shell.at(hostile)("get", "NO")]
    shown = "".join(one.text + one.err for one in done)
    assert "a?]0;owned???b" in shown
    assert not any(bad in shown for bad in "\x1b\x07\u202e")


def test_rm_asks_and_needs_a_person_or_a_yes(shell: Shell) -> None:
    shell.put("TOKEN", "the value")
    alone = shell("rm", "TOKEN")
    assert (alone.code, "pass `--yes`" in alone.err) == (2, True)
    with shell.terminal("rm", "TOKEN") as terminal:
        terminal.expect("Delete keyring://acme-api/TOKEN permanently?")
        terminal.type("n\n")
        assert terminal.end() == 2
    assert shell.get("TOKEN") == "the value"
    with shell.terminal("rm", "TOKEN") as terminal:
        terminal.expect("permanently?")
        terminal.type("y\n")
        assert terminal.end() == 0
    assert shell("get", "TOKEN").code == 2
    assert shell("rm", "TOKEN", "--yes").err == (
        "tokenward: keyring://acme-api/TOKEN does not exist; `tokenward list` shows the stored tokens.\n"
    )


def test_rm_names_the_files_that_still_refer_to_the_token(shell: Shell) -> None:
    """It names them before the question, and also when none is asked."""
    shell.put("TOKEN", "the value")
    (shell.folder / "sub").mkdir()
    for name in (".env", "sub/deploy.yml"):
        (shell.folder / name).write_text("A: keyring://acme-api/TOKEN\n")
    (shell.folder / "other.env").write_text("A=keyring://acme-api/TOKEN_2\n")
    with shell.terminal("rm", "TOKEN") as terminal:
        terminal.expect("Files that still refer to keyring://acme-api/TOKEN: .env, sub/deploy.yml")
        terminal.expect("permanently?")
        terminal.type("n\n")
        terminal.end()
    done = shell("rm", "TOKEN", "--yes")
    assert done.err.splitlines() == [
        "Files that still refer to keyring://acme-api/TOKEN: .env, sub/deploy.yml",
        "Deleted keyring://acme-api/TOKEN",
    ]


def test_rm_names_files_without_a_reference_and_those_of_worktrees(shell: Shell, tmp_path: Path) -> None:
    """A lookup needs the token as a reference does, and a helper's line names neither."""
    token, login = tokens.github("removed"), tokens.github("login")
    auth = base64.b64encode(f"ada:{login}".encode()).decode()
    texts = {
        "app.py": f'KEY = "{token}"\n',
        ".docker/config.json": json.dumps({"auths": {"example.com": {"auth": auth}}}),
    }
    for name, text in texts.items():
        path = shell.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    repository(shell.folder)
    git(shell.folder, "commit", "--allow-empty", "-qm", "a")
    worktree = tmp_path / "worktree"
    git(shell.folder, "worktree", "add", "-q", str(worktree))
    assert shell("move", "app.py").code == 0
    (reference,) = re.findall("keyring://[^ ]+", shell("move", ".docker/config.json").err)
    worktree.joinpath(".env").write_text(shell.folder.joinpath(".env").read_text())
    for name, files in (
        ("keyring://acme-api/GITHUB_TOKEN", f".env, app.py, {worktree}/.env"),
        (reference.strip(), ".docker/config.json"),
    ):
        said = shell("rm", name, "--yes").err.splitlines()
        assert said == [f"Files that still refer to {name}: {files}", f"Deleted {name}"]


def test_another_workspaces_token_is_neither_shown_nor_removed(shell: Shell, tmp_path: Path) -> None:
    shell.put("TOKEN", "the value")
    stranger = tmp_path / "stranger"
    stranger.mkdir()
    for arguments in (["get", "keyring://acme-api/TOKEN"], ["rm", "--yes", "keyring://acme-api/TOKEN"]):
        done = shell.at(stranger)(*arguments)
        assert (done.code, done.out) == (2, b"")
        assert f"acme-api belongs to {shell.folder}" in done.err
        assert "`tokenward bind acme-api`" in done.err
    assert shell.get("TOKEN") == "the value"
