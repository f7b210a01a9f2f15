"""The daemon masks what an agent's command prints, byte for byte as `exec --mask` does by itself."""

from __future__ import annotations

import contextlib
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
from cli.daemon.test_daemon import listener_of, wait_for
from cli_shell import PATIENCE, TOKENWARD, Done, SetUp, Shell
from starts import in_session, in_tests_session
from tokenward import thin_client
from tokenward.cli.daemon.serve import LONGEST_ANSWER

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the daemon exists on Linux only"),
    pytest.mark.usefixtures("own_interpreter"),
]
VALUE = "Quiet-7-horses-graze"
STARTED = """
import sys
sys.path.insert(0, sys.argv[1])
from tokenward import masked_start, thin_client
# Tests run on busy machines.
thin_client.GREETING_SECONDS = thin_client.HOOK_SECONDS = 20.0
code = masked_start.run_masked(["exec", "--mask", "--", *sys.argv[2:]])
sys.exit(99 if code is None else code)
"""
"""Has a command masked by the daemon alone; 99 if it does not."""
LINES = {
    "nothing": "true",
    "a value": f"echo before {VALUE} after",
    "a value in errors": f"echo {VALUE} >&2; exit 3",
    "both streams": f"echo out {VALUE}; echo err {VALUE} >&2",
    "an unknown token": "echo key={github}",
    "in Base64": f"printf %s '{VALUE}' | base64",
    "a row of bytes": r"printf '\377\000\n\r\tend'",
    "a part at a time": f"printf %s '{VALUE[:6]}'; sleep 0.2; printf '%s\\n' '{VALUE[6:]}'",
    "much": "seq 1 30000",
    "its input": "read line; echo got $line",
    "a signal": "kill -9 $$",
    "no program": "nosuchprogram",
    "its parent's folder": "cd /; pwd",
    "variables": "echo $ODD; env -0 | tr -d '\\n' | tr '\\0' '\\n' | grep -v '^_=' | sort | sha256sum",
}


@pytest.fixture
def agent(shell: Shell, set_up: SetUp) -> Iterator[Shell]:
    with set_up():
        shell.put("TOKEN", VALUE)
    shell = shell.having(TOKENWARD_DAEMON="on", CLAUDECODE="1", ODD="a\udcffb")
    command = [sys.executable, *thin_client.HOOKS_DAEMON]
    with in_tests_session(command, shell.environment, Path("/")) as process:
        try:
            wait_for(lambda: _listener(shell) == process.pid)
            yield shell
        finally:
            process.kill()


def start(shell: Shell, line: str, *, by_daemon: bool = True) -> subprocess.Popen[bytes]:
    package = str(Path(thin_client.__file__).parent.parent)
    ours = [sys.executable, "-c", STARTED, package] if by_daemon else [TOKENWARD, "exec", "--mask", "--"]
    environment = dict(shell.environment) | ({} if by_daemon else {"TOKENWARD_DAEMON": "off"})
    pipe = subprocess.PIPE
    command = [*ours, "/bin/bash", "-c", line.replace("{github}", tokens.github("masks"))]
    return in_session(command, environment, shell.folder, stdin=pipe, stdout=pipe, stderr=pipe)


def run(shell: Shell, line: str, *, by_daemon: bool = True) -> Done:
    with start(shell, line, by_daemon=by_daemon) as process:
        out, err = process.communicate(b"typed\n", PATIENCE)
    return Done(process.returncode, out, err.decode("utf-8", "replace"))


@pytest.mark.slow
def test_a_command_shows_and_returns_the_same_as_without_a_daemon(agent: Shell) -> None:
    agent_environment = agent.having(TOKENWARD_DAEMON="on")
    for name, line in LINES.items():
        expected = run(agent_environment, line, by_daemon=False)
        found = run(agent_environment, line)
        if name == "variables":
            # The one variable that differs is the switch of the daemon.
            assert (found.code, found.out[:3]) == (expected.code, expected.out[:3]), name
            continue
        assert (found.code, found.out, found.err) == (expected.code, expected.out, expected.err), name
        assert VALUE.encode() not in found.out, name
        assert VALUE not in found.err, name


def test_what_was_shown_is_in_the_ledger_under_the_command(agent: Shell) -> None:
    assert run(agent, "echo key={github}").code == 0
    listed = agent("ledger", "show").text
    assert "GitHub" in listed, listed


def test_a_command_has_the_client_above_it(agent: Shell) -> None:
    """So what it starts is known as the agent's, and gets no value."""
    done = run(agent, f"echo $PPID; {TOKENWARD} get TOKEN; echo code $?")
    above, *rest = done.text.splitlines()
    assert int(above) > 0
    assert "code 0" not in rest, done
    assert VALUE not in done.text + done.err


def test_signals_reach_the_command(agent: Shell) -> None:
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        with start(
            agent, "trap 'echo caught; exit 5' TERM INT USR1; echo ready; sleep 60 > /dev/null 2>&1 & wait"
        ) as process:
            (command,) = until(lambda process=process: children(process.pid))  # type: ignore[misc]
            wait_for(lambda command=command: bool(psutil.Process(command).children()))  # type: ignore[misc]
            process.send_signal(number)
            out, _ = process.communicate(timeout=PATIENCE)
            assert (process.returncode, out.split()) == (5, [b"ready", b"caught"])


def test_when_the_client_is_killed_the_command_cannot_print_and_nothing_stays(agent: Shell) -> None:
    with start(agent, "while echo line; do sleep 0.1; done") as process:
        (command,) = until(lambda: children(process.pid))
        masks = until(lambda: masking(agent))
        process.kill()
        wait_for(lambda: not psutil.pid_exists(command))
        wait_for(lambda: not {*masking(agent)} & {*masks})


def test_when_masking_is_killed_nothing_is_shown_and_the_command_is_ended(agent: Shell) -> None:
    lines = f"trap '' PIPE TERM; read; echo {VALUE}; echo {VALUE} >&2; sleep 3"
    with start(agent, lines) as process:
        until(lambda: children(process.pid))
        (one,) = masking(agent)
        os.kill(one, signal.SIGKILL)
        out, err = process.communicate(b"go\n", PATIENCE)
    assert process.returncode == 70
    assert VALUE.encode() not in out + err
    assert b"could not be masked" in err


def test_a_signal_ends_the_wait_for_what_a_command_left_behind(agent: Shell) -> None:
    with start(agent, "sleep 1000 & read; echo late; exit 3") as process:
        (command,) = until(lambda: children(process.pid))
        (left,) = until(lambda: children(command))
        assert process.stdin is not None
        process.stdin.write(b"go\n")
        process.stdin.flush()
        wait_for(lambda: not psutil.pid_exists(command))
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=PATIENCE)
        os.kill(left, signal.SIGKILL)
    assert (process.returncode, out, err) == (3, b"late\n", b"")


def test_a_client_whose_starter_ignores_the_end_of_children_knows_the_exit_code(agent: Shell) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    try:
        process = start(agent, "exit 3")
    finally:
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    with process:
        process.communicate(timeout=PATIENCE)
    assert process.returncode == 3


def test_a_command_that_runs_keeps_no_daemon_from_starting(agent: Shell) -> None:
    with start(agent, "read; echo then") as process:
        until(lambda: children(process.pid))
        (before,) = until(lambda: [pid for pid in [_listener(agent)] if pid])
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: psutil.Process(before).status() == psutil.STATUS_ZOMBIE)
        command = [sys.executable, *thin_client.HOOKS_DAEMON]
        with in_tests_session(command, agent.environment, Path("/")) as other:
            wait_for(lambda: other.poll() is not None or _listener(agent) == other.pid)
            assert other.poll() is None
            other.kill()
        out, _ = process.communicate(b"go\n", PATIENCE)
    assert (process.returncode, out) == (0, b"then\n")


def test_a_user_who_has_new_tokens_stored_has_the_command_itself_mask_them(agent: Shell) -> None:
    settings = Path(agent.environment["HOME"], ".config", "tokenward", "config.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text("agents-store = true\n")
    assert run(agent, "echo key={github}").code == 99
    done = agent("exec", "--mask", "--", "/bin/bash", "-c", f"echo key={tokens.github('masks')}; exit 3")
    assert (done.code, "key=keyring://" in done.text or "key=" in done.text) == (3, True)
    assert tokens.github("masks") not in done.text


@pytest.mark.slow
def test_a_command_may_take_longer_than_any_answer(agent: Shell) -> None:
    done = run(agent, f"sleep {LONGEST_ANSWER + 2}; echo then {VALUE}")
    assert (done.code, done.text[:5]) == (0, "then "), done
    assert VALUE not in done.text


def test_a_request_without_its_streams_is_not_served(agent: Shell) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from tokenward import thin_client; "
        "thin_client.GREETING_SECONDS = 20.0; "
        "print(thin_client.ask(['exec', '--mask', '--', '/bin/true'], daemon=thin_client.HOOKS_DAEMON))"
    )
    package = str(Path(thin_client.__file__).parent.parent)
    done = subprocess.run(
        [sys.executable, "-c", code, package],
        env=dict(agent.environment),
        cwd=agent.folder,
        capture_output=True,
        check=True,
    )
    assert done.stdout == b"None\n"


def until(found: object) -> list[int]:
    deadline = time.monotonic() + PATIENCE
    while not (result := found()):  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return list(result)


def children(process: int) -> list[int]:
    with contextlib.suppress(psutil.Error):
        return [one.pid for one in psutil.Process(process).children()]
    return []


def masking(shell: Shell) -> list[int]:
    """Return the daemon's processes that mask: those that it is no longer the parent of."""
    listener, found = _listener(shell), list[int]()
    runtime = shell.environment["XDG_RUNTIME_DIR"]
    for one in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            is_ours = one.cmdline()[-1:] == ["--hooks"] and one.environ().get("XDG_RUNTIME_DIR") == runtime
            if is_ours and listener not in (one.pid, one.ppid()):
                found.append(one.pid)
    return found


def _listener(shell: Shell) -> int:
    folder = Path(shell.environment["XDG_RUNTIME_DIR"], "tokenward")
    return next(filter(None, map(listener_of, folder.glob("hooks-*.sock"))), 0)
