"""How tests start what depends on its session, terminal, signals or starter: they inherit none from what started them.

Who asks, and whether somebody attends, the product reads from all of these.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import signal
import subprocess
import termios
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from cli_shell import PATIENCE, Done, Terminal

_ORPHAN = 'read -r _; "$@" </dev/null; printf "\\n%s" $?'
"""Waits for the end of its starter, runs a command and prints its exit code."""


def inherit_nothing() -> None:
    """Give up this process's terminal, and let what it starts have all signals.

    A handler is not inherited; with it, a signal that `nohup` or a script's `&` had ignored still ends no test run.
    """
    # Workers do not inherit that their starter had a handler for these.
    handled = {signal.SIGHUP, signal.SIGQUIT} if "PYTEST_XDIST_WORKER" in os.environ else set()
    # Python ignores these two itself, and restores them in what it starts.
    for number in signal.valid_signals() - {signal.SIGPIPE, signal.SIGXFSZ}:
        if number in handled or signal.getsignal(number) is signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else lambda *_: None)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    with contextlib.suppress(OSError), Path("/dev/tty").open() as terminal:
        # Of a session's first process, it hangs up.
        before = signal.signal(signal.SIGHUP, lambda *_: None)
        fcntl.ioctl(terminal, termios.TIOCNOTTY)
        signal.signal(signal.SIGHUP, before)


def take_terminal() -> None:
    """Make the terminal at stdin the controlling one; for `preexec_fn` of Popen, where a fork does it as well."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def in_session(
    command: Sequence[str | bytes], environment: Mapping[str, str], folder: Path, **streams: Any
) -> subprocess.Popen[bytes]:
    """Start a command without a terminal, in a session of its own; its starter lives."""
    return subprocess.Popen(command, env=dict(environment), cwd=folder, start_new_session=True, **streams)


def in_tests_session(
    command: Sequence[str | bytes], environment: Mapping[str, str], folder: Path, **streams: Any
) -> subprocess.Popen[bytes]:
    """Start a command without a terminal in the session of this process; only there do clients believe a daemon."""
    return subprocess.Popen(command, env=dict(environment), cwd=folder, **streams)


def in_session_to_end(
    command: Sequence[str | bytes], environment: Mapping[str, str], folder: Path, given: bytes | None = b""
) -> Done:
    """Run such a command with an input, or with a closed one, and return what it left."""
    streams = {"stdin": subprocess.DEVNULL if given is None else subprocess.PIPE}
    streams |= dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with in_session(command, environment, folder, **streams) as process:
        try:
            out, err = process.communicate(given, PATIENCE)
        except BaseException:
            process.kill()
            raise
    return Done(process.returncode, out, err.decode())


@contextlib.contextmanager
def at_terminal(
    command: Sequence[str], environment: Mapping[str, str], folder: Path, typed: str = ""
) -> Iterator[Terminal]:
    """Run a command at a terminal of its own, which is all three standard streams and the controlling one.

    Args:
        command: the program and its arguments.
        environment: its variables.
        folder: where it runs.
        typed: what a person has typed before it starts.
    """
    ours, theirs = pty.openpty()
    os.write(ours, typed.encode())
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), theirs)
    with in_session(command, environment, folder, preexec_fn=take_terminal, **streams) as process:
        os.close(theirs)
        try:
            yield Terminal(process, ours)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            os.close(ours)


def orphaned(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Done:
    """Run a command whose starter, an agent, has ended before it begins, as one that hides its agent."""
    kept = [f"{name}={value}" for name, value in environment.items()]
    starter = ["env", "-i", *kept, "setsid", "--fork", "sh", "-c", _ORPHAN, "sh", *command]
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with in_session(starter, {**environment, "CLAUDECODE": "1"}, folder, **streams) as process:
        assert process.wait(PATIENCE) == 0
        # The end of its input lets it begin.
        out, err = process.communicate(timeout=PATIENCE)
    out, _, code = out.rpartition(b"\n")
    return Done(int(code), out, err.decode())
