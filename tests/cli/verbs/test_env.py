"""`env` prints the variables only on an explicit request, and warns of the consequences."""

from __future__ import annotations

import json
import subprocess

from cli_shell import TOKENWARD, Shell

WARNING = "Every program and agent that this shell starts from now on gets 1 token"


def test_a_shell_has_the_variables_and_is_warned(stored: Shell) -> None:
    stored.write_env("TOKEN=keyring://acme-api/TOKEN", "URL=https://${TOKEN}@host", "PLAIN='a b'")
    done = subprocess.run(
        ["bash", "-c", 'eval "$("$0" env)"; printenv TOKEN URL PLAIN', TOKENWARD],
        env=dict(stored.environment),
        cwd=stored.folder,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().splitlines() == ["the value", "https://the value@host", "a b"]
    assert WARNING in done.stderr.decode()
    assert "the value" not in done.stderr.decode()


def test_only_what_the_files_assign_is_printed(stored: Shell) -> None:
    stored.write_env("A=keyring://acme-api/TOKEN", "B=keyring://elsewhere/TOKEN", "C=${INHERITED}")
    found = stored("env", "--format", "json", "--only", "A,C", INHERITED="1", X="keyring://elsewhere/X")
    assert (found.code, json.loads(found.text)) == (0, {"A": "the value", "C": "1"})
    assert found.err == "tokenward: Printed 1 token in plain text; do not leave the output in a file.\n"
    refused = stored("env", "--format", "json")
    assert (refused.code, refused.out) == (2, b"")


def test_without_a_token_nobody_is_warned(bare_shell: Shell) -> None:
    bare_shell.write_env("A=1")
    done = bare_shell("env", "--format", "docker")
    assert (done.code, done.text, done.err) == (0, "A=1\n", "")


def test_our_own_secrets_are_not_expanded(bare_shell: Shell) -> None:
    bare_shell.write_env("STOLEN=[${TOKENWARD_VAULT_KEY}]")
    assert bare_shell("env", TOKENWARD_VAULT_KEY="our key").text == "export STOLEN='[]'\n"


def test_a_terminal_shows_the_values_only_after_a_yes(stored: Shell) -> None:
    with stored.terminal("env") as terminal:
        terminal.expect("Show the values on this screen?")
        terminal.type("n\r")
        assert terminal.end() == 2
    assert "TOKEN=" not in terminal.shown
    with stored.terminal("env", "--yes") as terminal:
        assert terminal.end() == 0
    assert "export TOKEN='the value'" in terminal.shown


def test_nobody_who_could_say_yes_means_no(stored: Shell) -> None:
    with stored.terminal("-c", f'"{TOKENWARD}" env </dev/null', command=("bash",)) as terminal:
        assert terminal.end() == 2
    assert "pass `--yes`" in terminal.shown
    assert "TOKEN=" not in terminal.shown


def test_what_a_format_cannot_hold_prints_nothing(shell: Shell) -> None:
    shell.put("KEY", "a\nb")
    shell.write_env("PLAIN=1", "KEY=keyring://acme-api/KEY")
    done = shell("env", "--format", "docker")
    assert (done.code, done.out, "The value of KEY has several lines" in done.err) == (2, b"", True)
