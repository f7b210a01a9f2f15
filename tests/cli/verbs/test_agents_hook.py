"""`tokenward agents hook` answers every agent, whatever it reads and whatever hangs, and records its decision."""

from __future__ import annotations

import json
import os
import subprocess
from itertools import cycle
from pathlib import Path

import pytest

import tokens
from cli_shell import PATIENCE, PATIENT, TOKENWARD, Shell
from hook_inputs import INPUTS, effect
from tokenward.custody.ledger.events import Event, Record
from tokenward.custody.ledger.ledger import Ledger
from tokenward.operations.agents.dialects.dialect import all_dialects
from tokenward.operations.agents.known_secrets import HIDDEN

TOKEN = tokens.github("hook")
PASSWORD = "correct horse battery"
ONE_OF_EACH = [next(one for one in INPUTS if one.dialect == name) for name in all_dialects()]


WITH_DEADLINE = """
import sys
from tokenward.cli.support import agent_hook
agent_hook.DEADLINE = float(sys.argv.pop())
from tokenward.cli.main import main

main()
"""


def answer(shell: Shell, name: str, payload: object) -> tuple[int, str, str]:
    """Run the hook with more time than it has by itself, because tests share the machine."""
    done = subprocess.run(
        [*PATIENT, "agents", "hook", name],
        input=json.dumps(payload),
        capture_output=True,
        text=True,
        env=dict(shell.environment),
        cwd=shell.folder,
        timeout=PATIENCE * 3,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def records(shell: Shell, event: Event) -> list[Record]:
    return [one for one in Ledger(shell.data / "ledger.db").records() if one.event is event]


def written(shell: Shell) -> bytes:
    """Return all that Tokenward wrote for this user."""
    return b"".join(path.read_bytes() for path in shell.data.rglob("*") if path.is_file())


def test_stored_values_do_not_reach_the_model_and_the_ledger_has_what_was_masked(shell: Shell) -> None:
    shell.put("PASSWORD", PASSWORD)
    shell.put("GITHUB_TOKEN", TOKEN)
    stdout = f"{PASSWORD} {PASSWORD.encode().hex()} {TOKEN} {tokens.npm('hook')} end"
    base = {"hook_event_name": "PostToolUse", "cwd": str(shell.folder), "tool_name": "Bash"}
    payload = {**base, "tool_input": {"command": "make"}, "tool_response": {"stdout": stdout, "stderr": ""}}
    code, out, err = answer(shell, "claude-code", payload)
    shown = json.loads(out)["hookSpecificOutput"]["updatedToolOutput"]["stdout"]
    assert (code, err) == (0, "")
    assert shown.endswith(" end")
    assert not {"horse", PASSWORD.encode().hex()[8:20], TOKEN[8:]} & {*shown.split()}
    assert set(shown.replace("ghp_", "").replace("npm_", "").removesuffix("end")) <= {"*", " "}
    found = [one for one in records(shell, Event.FOUND) if one.detail.get("agent") == "Claude Code"]
    assert {str(one.reference) for one in found if one.reference} == {
        "keyring://acme-api/PASSWORD",
        "keyring://acme-api/GITHUB_TOKEN",
    }
    assert {one.detail.get("provider") for one in found if one.fingerprint} == {"npm"}
    assert all(one.detail["masked"] for one in found)


def test_new_tokens_are_stored_if_the_user_chose_so_and_the_model_reads_the_references(shell: Shell) -> None:
    """What a command prints is masked before the hook reads it, where the text of a failed one cannot be."""
    settings = Path(shell.environment["HOME"], ".config", "tokenward", "config.toml")
    settings.parent.mkdir(parents=True)
    settings.write_text("agents-store = true\n")
    token = tokens.npm("new")
    base = {"hook_event_name": "PostToolUse", "cwd": str(shell.folder), "tool_name": "mcp__npm__create"}
    payload = {**base, "tool_input": {}, "tool_response": {"text": f"made {TOKEN}"}}
    code, out, _ = answer(shell, "claude-code", payload)
    shown = json.loads(out)["hookSpecificOutput"]["updatedToolOutput"]
    assert (code, shown) == (0, {"text": "made keyring://acme-api/GITHUB_TOKEN"})
    printed = shell.having(CLAUDECODE="1")("exec", "--mask", "--", "echo", f"made {token}")
    assert printed.text == "made keyring://acme-api/NPM_TOKEN\n"
    assert (shell.get("GITHUB_TOKEN"), shell.get("NPM_TOKEN")) == (TOKEN, token)
    assert {one.detail["agent"] for one in records(shell, Event.PUT)} == {"Claude Code"}


def test_a_denial_is_recorded_without_a_value(shell: Shell) -> None:
    shell.put("PASSWORD", PASSWORD)
    make = next(one.make for one in INPUTS if (one.dialect, one.kind) == ("codex", "shell"))
    payload = {**make(PASSWORD), "cwd": str(shell.folder)}
    code, out, err = answer(shell, "codex", payload)
    assert effect("codex", "PreToolUse", code, out, err).kind == "closed"
    assert "keyring://acme-api/PASSWORD" in out
    (refused,) = records(shell, Event.REFUSED)
    assert refused.detail["agent"] == "Codex"
    assert refused.detail["why"] == "token in input"
    assert refused.detail["purpose"] == "agent hook"
    assert PASSWORD.split()[1].encode() not in written(shell)
    shown = shell("ledger", "show", "--agents")
    assert "Codex" in shown.text


def test_nothing_malformed_passes(bare_shell: Shell) -> None:
    """Each dialect gets one text here; its grammar gets all of them in the test of the dialects."""
    malformed = cycle([b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"hook_event_name": 1}'])
    for one, data in zip(ONE_OF_EACH, malformed, strict=False):
        done = bare_shell("agents", "hook", one.dialect, stdin=data)
        found = effect(one.dialect, one.event, done.code, done.text, done.err)
        assert found.kind == "closed", (one.dialect, data)


@pytest.mark.slow
def test_a_hook_before_the_rules_are_compiled_has_them_compiled_and_says_so(
    bare_shell: Shell, cold_python: Path, tmp_path: Path
) -> None:
    shell = bare_shell.having(XDG_CACHE_HOME=str(tmp_path / "cache"), TOKENWARD_DAEMON="off")
    payload = {"hook_event_name": "UserPromptSubmit", "cwd": str(shell.folder)}

    def answered(prompt: str, seconds: float) -> str:
        done = subprocess.run(
            [cold_python, "-c", WITH_DEADLINE, "agents", "hook", "claude-code", str(seconds)],
            input=json.dumps({**payload, "prompt": prompt}),
            env=dict(shell.environment),
            cwd=shell.folder,
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout

    # All rules take several times as long to compile.
    assert "compiles its rules" in json.loads(answered("rename it", 1))["reason"]
    assert answered("rename it", 250) == ""
    assert json.loads(answered(f"use {TOKEN}", 250))["decision"] == "block"


def test_an_input_that_does_not_end_is_denied(bare_shell: Shell) -> None:
    ours, theirs = os.pipe()
    with os.fdopen(theirs, "wb") as writing:
        writing.write(b'{"hook_event_name": "PreToolUse", ')
        writing.flush()
        done = subprocess.run(
            [TOKENWARD, "agents", "hook", "claude-code"],
            stdin=ours,
            capture_output=True,
            env=dict(bare_shell.environment),
            cwd=bare_shell.folder,
            timeout=PATIENCE,
            check=False,
        )
        os.close(ours)
    assert done.returncode == 2
    assert done.stderr


def test_a_result_is_withheld_while_the_keyring_hangs(fake_shell: Shell) -> None:
    fake_shell.put("TOKEN", "a value of no form")
    Path(fake_shell.environment["FAKE_KEYRING"], "hang").touch()
    payload = {
        "hook_event_name": "PostToolUse",
        "cwd": str(fake_shell.folder),
        "tool_name": "Bash",
        "tool_input": {},
        "tool_response": {"stdout": "a value of no form", "stderr": "words"},
    }
    done = fake_shell("agents", "hook", "claude-code", stdin=json.dumps(payload).encode())
    output = json.loads(done.out)["hookSpecificOutput"]["updatedToolOutput"]
    assert output.keys() == {"stdout", "stderr"}
    assert "of no form" not in done.text
    assert "words" not in done.text


def test_an_agent_that_is_not_known_is_named_to_nobody(bare_shell: Shell) -> None:
    done = bare_shell("agents", "hook", "no-such")
    assert done.code == 2
    assert "claude-code" in done.err


def test_what_an_agent_runs_masked_hides_stored_values(shell: Shell) -> None:
    shell.put("PASSWORD", PASSWORD)
    (shell.folder / "notes.txt").write_text(f"<{PASSWORD}> {TOKEN}\n")
    done = shell.having(CLAUDECODE="1")("exec", "--mask", "--", "sh", "-c", "cat notes.txt; exit 7")
    assert done.code == 7
    assert done.text == f"<******* ***** *******> ghp_{'*' * 36}\n"
    shell.write_env(f"GITHUB_TOKEN={TOKEN}")
    for command in ("xxd .env", "od -An -tx1 .env"):
        done = shell.having(CLAUDECODE="1")("exec", "--mask", "--", "sh", "-c", f"echo a; {command}; exit 7")
        assert done.text == f"a\n{HIDDEN}\n", command


def test_a_token_in_an_environment_file_is_masked_in_every_encoding(bare_shell: Shell) -> None:
    bare_shell.write_env(f"GITHUB_TOKEN={TOKEN}")
    agent = bare_shell.having(CLAUDECODE="1")
    for command in ("cat .env", "base64 -w0 .env", "od -An -v -tx1 .env | tr -d ' \\n'"):
        done = agent("exec", "--mask", "--", "sh", "-c", command)
        shown = done.text
        assert "*" * 20 in shown, command
        assert not any(form in shown for form in (TOKEN[8:20], TOKEN[8:20].encode().hex())), command


def test_an_agent_cannot_ignore_a_token_out_of_its_output(bare_shell: Shell) -> None:
    (bare_shell.folder / ".git").mkdir()
    (bare_shell.folder / "notes.txt").write_text(f"{TOKEN}\n")
    (bare_shell.folder / ".gitleaks.toml").write_text("[allowlist]\nregexes = ['.+']\n")
    done = bare_shell.having(CLAUDECODE="1")("exec", "--mask", "--", "cat", "notes.txt")
    assert done.text == f"ghp_{'*' * 36}\n"
