"""The daemon for agents' hooks: an agent may start it, so it decides as a hook does, and gives nobody a value."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

import tokens
from cli.daemon.test_daemon import asked, daemon, listener_of, wait_for
from cli.support.test_clipboard import XCLIP
from cli_shell import PATIENCE, PATIENT, TOKENWARD, Done, SetUp, Shell
from hook_inputs import INPUTS
from tokenward import thin_client

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the daemon exists on Linux only"),
    pytest.mark.usefixtures("own_interpreter"),
]
HOOK = ("agents", "hook", "claude-code")
VALUE = "the value"
PROBE = """
import json, os, sys
from tokenward.cli.daemon.answer import Request
from tokenward.cli.daemon.hooks import load_hooks
kind, _ = load_hooks()
loaded = {*sys.modules}
sys.stdout = open(os.devnull, "w")
for given in json.load(sys.stdin):
    kind.work(Request(["agents", "hook", "claude-code"], given.encode()))
print(*{*sys.modules} - loaded, file=sys.stderr)
"""
"""Prints the modules that answers load although the daemon is there to have them."""


def event(shell: Shell, name: str, **fields: object) -> bytes:
    return json.dumps({"hook_event_name": name, "cwd": str(shell.folder), **fields}).encode()


def printed(shell: Shell, stdout: str) -> bytes:
    answer = {"stdout": stdout, "stderr": ""}
    return event(shell, "PostToolUse", tool_name="Bash", tool_input={"command": "x"}, tool_response=answer)


def run_hook(shell: Shell) -> Done:
    """Run a hook in this session, as most agents run theirs, where it may start the daemon."""
    done = subprocess.run(
        [TOKENWARD, *HOOK],
        input=printed(shell, "nothing"),
        capture_output=True,
        env=dict(shell.environment),
        cwd=shell.folder,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr.decode())


def process_of(shell: Shell) -> int:
    """Return the daemon's process; 0 without one."""
    folder = Path(shell.environment["XDG_RUNTIME_DIR"], "tokenward")
    return next(filter(None, map(listener_of, folder.glob("hooks-*.sock"))), 0)


@pytest.fixture
def agent(shell: Shell, set_up: SetUp) -> Iterator[Shell]:
    """An agent whose first hook has started the daemon."""
    with set_up():
        shell.put("TOKEN", VALUE)
    shell = shell.having(TOKENWARD_DAEMON="on", CLAUDECODE="1")
    run_hook(shell)
    wait_for(lambda: process_of(shell) > 0)
    yield shell
    os.kill(process_of(shell), signal.SIGKILL)


def by_daemon(shell: Shell, given: bytes, name: str = "claude-code") -> Done:
    answer = asked(shell, "agents", "hook", name, given=given, which="hooks")
    assert answer is not None
    code, out, err = answer
    return Done(int(str(code)), str(out).encode(), str(err))


def test_it_decides_as_a_hook_does_and_the_ledger_says_so(agent: Shell) -> None:
    (agent.folder / ".env.local").write_text(f"A={tokens.github('daemon')}\n")
    reading = event(agent, "PreToolUse", tool_name="Read", tool_input={"file_path": ".env.local"})
    denied = json.loads(by_daemon(agent, reading).text)["hookSpecificOutput"]
    assert denied["permissionDecision"] == "deny"
    encoded = VALUE.encode().hex()
    shown = by_daemon(agent, printed(agent, f"{VALUE} {encoded} {tokens.npm('daemon')} end")).text
    assert shown.count("end") == 1
    assert not {VALUE, encoded, tokens.npm("daemon")} & {*shown.split()}
    listed = agent("ledger", "show", "--agents").text
    assert listed.count("Claude Code") >= 2


@pytest.mark.slow
def test_an_answer_loads_nothing(shell: Shell) -> None:
    shell.put("TOKEN", VALUE)
    (shell.folder / ".env.local").write_text(f"A={tokens.github('daemon')}\n")
    reading = event(shell, "PreToolUse", tool_name="Read", tool_input={"file_path": ".env.local"})
    inputs = (event(shell, "UserPromptSubmit", prompt="a"), reading, printed(shell, tokens.npm("daemon")))
    done = subprocess.run(
        [sys.executable, "-c", PROBE],
        input=json.dumps([given.decode() for given in inputs]).encode(),
        capture_output=True,
        cwd=shell.folder,
        env=dict(shell.environment),
        check=True,
    )
    assert {one for one in done.stderr.decode().split() if not one.startswith("encodings.")} == set()


RESTING = """
from tokenward.cli.daemon import serve
serve.REST_SECONDS, serve.LOOK_SECONDS = 2.0, 0.1
serve.serve(serve.HOOKS)
"""


def forks(process: int) -> list[int]:
    return [one.pid for one in psutil.Process(process).children()]


def test_its_process_with_the_rules_ends_while_no_hook_asks_and_the_next_starts_another(shell: Shell) -> None:
    shell = shell.having(TOKENWARD_DAEMON="on", CLAUDECODE="1")
    command = [sys.executable, "-c", RESTING, *thin_client.HOOKS_DAEMON[-1:]]
    with subprocess.Popen(command, env=dict(shell.environment), cwd="/") as process:
        try:
            wait_for(lambda: len(forks(process.pid)) == 1)
            (before,) = forks(process.pid)
            wait_for(lambda: forks(process.pid) == [])
            (place,) = Path(shell.environment["XDG_RUNTIME_DIR"], "tokenward").glob("hooks-*.sock")
            assert listener_of(place) == process.pid
            wait_for(lambda: forks(process.pid) not in ([], [before]))
        finally:
            process.kill()


def test_a_persons_daemon_takes_the_place_of_an_agents(agent: Shell) -> None:
    before = process_of(agent)
    with daemon(agent.without("CLAUDECODE")) as persons:
        wait_for(lambda: not psutil.pid_exists(before))
        assert process_of(agent) == persons.pid
        assert by_daemon(agent, printed(agent, f"{VALUE} end")).text.count("end") == 1
        assert persons.ask("get", "TOKEN") is not None
        assert asked(agent, "get", "TOKEN", which="hooks") is None
    run_hook(agent)
    wait_for(lambda: process_of(agent) not in (0, persons.pid))


def test_nothing_of_it_outlives_it(agent: Shell) -> None:
    process = process_of(agent)
    wait_for(lambda: forks(process) != [])
    (child,) = forks(process)
    os.kill(process, signal.SIGKILL)
    wait_for(lambda: not psutil.pid_exists(child))
    run_hook(agent)
    wait_for(lambda: process_of(agent) not in (0, process))


def test_it_has_the_rules_of_the_users_own_cache_folder(agent: Shell) -> None:
    environ = Path(f"/proc/{process_of(agent)}/environ").read_bytes()
    assert os.fsencode(f"XDG_CACHE_HOME={agent.environment['XDG_CACHE_HOME']}") in environ.split(b"\0")
    assert not Path(agent.environment["HOME"], ".cache", "tokenward").exists()


def test_malformed_input_opens_nothing(agent: Shell) -> None:
    for given in (b"", b"{", b"[]", b"\xff", b'{"hook_event_name": "PreToolUse"}'):
        for name in ("claude-code", "codex", "cursor", "gemini-cli", "unknown"):
            done = by_daemon(agent, given, name)
            assert done.code == 2 or "deny" in done.text or "block" in done.text, (given, name, done)


@pytest.mark.slow
def test_every_agent_gets_the_answer_of_its_own_grammar(agent: Shell) -> None:
    """Each recorded input once, which holds a token; without the daemon the same decision is made, and more slowly."""
    settings = Path(agent.environment["HOME"], ".config", "tokenward", "config.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("agents-clipboard = false\n")
    token = tokens.github("daemon")
    for one in INPUTS:
        payload = {**one.make(token), "cwd": str(agent.folder)}
        done = by_daemon(agent, json.dumps(payload).encode(), one.dialect)
        assert token not in done.text + done.err, (one.dialect, one.kind)
        assert done.code == 2 or done.text.strip(), (one.dialect, one.kind)


def test_a_stopped_prompt_is_copied_where_it_was_typed(agent: Shell, tmp_path: Path) -> None:
    """The daemon was started without a display; a clipboard that takes too long is asked again."""
    program, clipboard = tmp_path / "programs" / "xclip", tmp_path / "clipboard"
    program.parent.mkdir()
    program.write_text(XCLIP)
    program.chmod(0o755)
    path = f"{program.parent}:{agent.environment['PATH']}"
    person = agent.without("WAYLAND_DISPLAY").having(DISPLAY=":99", CLIPBOARD=str(clipboard), PATH=path)
    given = event(agent, "UserPromptSubmit", prompt=f"use {tokens.github('daemon')} please")

    def is_copied() -> bool:
        reason = json.loads(by_daemon(person, given).text)["reason"]
        return "The clipboard has the prompt without it." in reason

    wait_for(is_copied)
    assert clipboard.read_text() == "use GITHUB_TOKEN please"


def test_it_gives_no_value_to_anybody(agent: Shell) -> None:
    for words in (
        ["get", "TOKEN"],
        ["credential", "headers", "A: keyring://acme-api/TOKEN"],
        ["agents", "undo"],
    ):
        assert asked(agent, *words, which="hooks") is None, words


def test_hooks_are_answered_while_it_hangs_and_after_it_was_killed(agent: Shell) -> None:
    before = process_of(agent)
    os.kill(before, signal.SIGSTOP)
    assert run_hook(agent).code in (0, 2)
    os.kill(before, signal.SIGKILL)
    assert run_hook(agent).code in (0, 2)
    wait_for(lambda: process_of(agent) not in (0, before))


def test_input_that_comes_in_parts_is_read_to_its_end(agent: Shell) -> None:
    given = printed(agent, "nothing")
    command = [*PATIENT, *HOOK]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(agent.environment), cwd=agent.folder
    ) as process:
        assert process.stdin is not None
        process.stdin.write(given[:20])
        process.stdin.flush()
        # Longer than the client waits before it leaves the input to the full program.
        time.sleep(2 * thin_client.GREETING_SECONDS)
        out, _ = process.communicate(given[20:], timeout=PATIENCE * 3)
    assert (process.returncode, out) == (0, b"")


def test_input_that_never_ends_is_denied(agent: Shell) -> None:
    with subprocess.Popen(
        [TOKENWARD, *HOOK], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(agent.environment)
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b'{"hook_event_name": "PreToolUse",')
        process.stdin.flush()
        assert process.wait(60) == 2 or b"deny" in (process.stdout.read() if process.stdout else b"")
