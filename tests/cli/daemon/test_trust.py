"""Whom a command believes: the daemon of its own session, or of its agent's, and nothing that only looks like one."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import shlex
import signal
import subprocess
import sys
from binascii import crc32
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

import tokens
from agents import impostor
from cli.daemon.test_daemon import ASK, CLIENT, NAMED, Answer, listener_of, wait_for
from cli.daemon.test_hooks import HOOK, event
from cli_shell import TOKENWARD, Done, SetUp, Shell
from tokenward import thin_client
from tokenward.cli.support.start_daemon import MOST_SESSIONS

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the daemon exists on Linux only"),
    pytest.mark.usefixtures("own_interpreter"),
]
APART = ("setsid", "-w")
"""Starts a program in a session of its own, as agents start commands, and some their hooks."""
LEFT = ("setsid", "-f", "sh", "-c", 'exec 3<&0; "$@" <&3 & sleep 1', "-")
"""Starts a program whose session's first process then ends, as a command that an agent's shell leaves behind."""


@dataclass(frozen=True)
class Session:
    """A session, and the programs that its first process starts."""

    shell: Shell
    first: subprocess.Popen[bytes]
    folder: Path

    def __call__(self, *words: str, given: bytes = b"") -> Done:
        """Run a program to its end."""
        streams = [self.folder / name for name in ("in", "out", "err")]
        streams[0].write_bytes(given)
        places = " ".join(f"{sign}{place}" for sign, place in zip(("<", ">", "2>"), streams, strict=True))
        assert self.first.stdin is not None
        assert self.first.stdout is not None
        self.first.stdin.write(f"{shlex.join(words)} {places}; echo $?\n".encode())
        self.first.stdin.flush()
        code = int(self.first.stdout.readline())
        return Done(code, streams[1].read_bytes(), streams[2].read_text())

    def leave(self, *words: str) -> None:
        """Start a program and let it run."""
        assert self.first.stdin is not None
        self.first.stdin.write(f"{shlex.join(words)} </dev/null >/dev/null 2>&1 &\n".encode())
        self.first.stdin.flush()

    def ask(self, which: str, *words: str, given: bytes = b"", before: tuple[str, ...] = ()) -> Answer:
        """Return a daemon's answer to a process; None if it gives none."""
        command = (*before, sys.executable, "-I", "-S", "-c", ASK, str(Path(CLIENT).parent), which, *words)
        done = self(*command, given=given)
        assert done.code == 0, done.err
        found: Answer = json.loads(done.text)
        return found

    def socket(self, which: str = "hooks") -> Path:
        """Return the place of this session's socket."""
        name = f"{which}-{crc32(os.fsencode(Path(CLIENT).parent)):08x}-{self.first.pid}.sock"
        return Path(self.shell.environment["XDG_RUNTIME_DIR"], "tokenward", name)

    @property
    def reading(self) -> bytes:
        return event(self.shell, "PreToolUse", tool_name="Read", tool_input={"file_path": ".env.local"})

    def is_read_denied(self, before: tuple[str, ...] = ()) -> bool:
        """Return whether the hook of an agent, whose file has a token, denies that it is read."""
        done = self(*before, TOKENWARD, *HOOK, given=self.reading)
        return done.code == 2 or b'"deny"' in done.out

    def is_read_denied_by_daemon(self, before: tuple[str, ...] = ()) -> bool:
        return '"deny"' in str(self.ask("hooks", *HOOK, given=self.reading, before=before))


@contextlib.contextmanager
def session(shell: Shell, folder: Path) -> Iterator[Session]:
    folder.mkdir()
    pipe = subprocess.PIPE
    with subprocess.Popen(
        ["sh"], stdin=pipe, stdout=pipe, start_new_session=True, env=dict(shell.environment), cwd=shell.folder
    ) as first:
        try:
            yield Session(shell, first, folder)
        finally:
            first.kill()
            for one in psutil.process_iter():
                with contextlib.suppress(psutil.Error, ProcessLookupError):
                    if str(folder) in " ".join(one.environ().values()) or os.getsid(one.pid) == first.pid:
                        one.kill()


@pytest.fixture
def person(stored: Shell) -> Shell:
    (stored.folder / ".env.local").write_text(f"A={tokens.github('trust')}\n")
    return stored.having(TOKENWARD_DAEMON="on")


@pytest.fixture
def agent(person: Shell) -> Shell:
    return person.having(CLAUDECODE="1")


@contextlib.contextmanager
def pretending(by: Session, how: tuple[str, ...], *paths: Path) -> Iterator[Path]:
    """Have an impostor listen at sockets, which a session starts; yield its log."""
    log = by.folder / "log"
    log.unlink(missing_ok=True)
    variables = (f"SOCKETS={':'.join(map(str, paths))}", f"LOG={log}")
    padding = "x" * (len(impostor.WORDS) - len("-\0\0"))
    command = (*how, "env", *variables, sys.executable, "-", padding)
    by("sh", "-c", f"{shlex.join(command)} >/dev/null 2>&1 <{shlex.quote(impostor.__file__)} &")
    wait_for(lambda: log.exists() and log.read_text() != "")
    pid = int(log.read_text().split()[2])
    # Without what its looks prove, it would be believed.
    assert thin_client.command_line(pid)[1:] == impostor.WORDS.split(b"\0")[:-1]
    if how == LEFT:
        wait_for(lambda: not psutil.pid_exists(os.getsid(pid)))
    try:
        yield log
    finally:
        os.kill(pid, signal.SIGKILL)


@pytest.mark.slow
@pytest.mark.parametrize("how", [(), APART, LEFT], ids=["its session", "its command", "what it left"])
def test_an_agent_that_pretends_to_be_the_daemon_allows_another_nothing_and_hears_nothing(
    agent: Shell, tmp_path: Path, how: tuple[str, ...]
) -> None:
    with (
        session(agent, tmp_path / "a") as other,
        session(agent, tmp_path / "b") as one,
        pretending(other, how, one.socket(), one.socket("daemon")) as log,
    ):
        for before in ((), APART):
            assert one.is_read_denied(before)
            assert one.ask("hooks", *HOOK, given=one.reading, before=before) is None
        assert one.ask("hooks", "exec", "--mask", "--", "/bin/true") is None
        assert one.ask("daemon", "get", "TOKEN") is None
        assert log.read_text().count("\n") == 1


def test_what_an_agent_starts_beside_its_hooks_can_answer_them_as_the_page_says(
    agent: Shell, tmp_path: Path
) -> None:
    """Such as a server of tools; so the other tests are not blind."""
    with session(agent, tmp_path / "b") as one, pretending(one, (), one.socket()) as log:
        assert not one.is_read_denied()
        assert "asked" in log.read_text()
    with session(agent, tmp_path / "c") as one, pretending(one, APART, one.socket()):
        assert one.is_read_denied(), "but none of its commands can"


@pytest.mark.slow
def test_the_daemon_that_a_hook_started_answers_the_hooks_of_its_agent_and_no_others(
    agent: Shell, tmp_path: Path
) -> None:
    with session(agent, tmp_path / "a") as other, session(agent, tmp_path / "b") as one:
        assert one.is_read_denied()
        wait_for(lambda: listener_of(one.socket()) > 0)
        assert os.getsid(listener_of(one.socket())) == one.first.pid
        for before in ((), APART):
            wait_for(lambda before=before: one.is_read_denied_by_daemon(before))  # type: ignore[misc]
        assert other.ask("hooks", *HOOK, given=other.reading) is None
        # The other's daemon would have to be at its own place to be asked.
        other.socket().symlink_to(one.socket())
        assert other.ask("hooks", *HOOK, given=other.reading) is None
        assert other.is_read_denied()


@pytest.mark.parametrize("how", [(), APART], ids=["the agent's", "its own"])
def test_a_hook_starts_a_daemon_unless_no_other_hook_would_find_it(
    person: Shell, tmp_path: Path, how: tuple[str, ...]
) -> None:
    """Codex gives each hook a session of its own."""
    codex = tmp_path / "codex"
    codex.symlink_to("/bin/sh")
    with session(person, tmp_path / "b") as one:
        one(str(codex), "-c", '"$@"; :', "-", *how, TOKENWARD, *HOOK, given=one.reading)
        if not how:
            wait_for(lambda: listener_of(one.socket()) > 0)
        assert len([*one.socket().parent.glob("*.lock")]) == (not how)


def test_a_persons_daemon_answers_the_person_and_the_agents_of_that_terminal(
    person: Shell, agent: Shell, tmp_path: Path, set_up: SetUp
) -> None:
    with session(person, tmp_path / "a") as other, session(person, tmp_path / "b") as one:
        one.leave(TOKENWARD, "daemon")
        wait_for(lambda: listener_of(one.socket()) > 0)
        wait_for(lambda: one.ask("daemon", "get", "TOKEN") == [0, "the value\n", ""])
        wait_for(lambda: one.is_read_denied_by_daemon(("env", "CLAUDECODE=1", *APART)))
        assert one.ask("daemon", "credential", "kubectl", NAMED, before=("env", "CLAUDECODE=1")) is None
        assert other.ask("daemon", "get", "TOKEN") is None
        assert other(TOKENWARD, "get", "TOKEN").text == "the value\n"


def test_a_detached_daemon_is_not_started_because_nothing_could_trust_it(
    person: Shell, tmp_path: Path
) -> None:
    with session(person, tmp_path / "b") as one:
        done = one(*APART, TOKENWARD, "daemon")
        assert (done.code, "in the terminal where you work" in done.err) == (2, True)


def test_a_daemon_ends_with_the_first_process_of_its_session(person: Shell, tmp_path: Path) -> None:
    with session(person, tmp_path / "b") as one:
        one.leave(TOKENWARD, "daemon")
        wait_for(lambda: listener_of(one.socket("daemon")) > 0)
        one.first.kill()
        wait_for(lambda: not one.socket("daemon").exists())
        assert [*one.socket().parent.glob("*.lock")] == []


def test_a_few_sessions_have_a_daemon_and_the_others_work_by_themselves(agent: Shell, tmp_path: Path) -> None:
    with session(agent, tmp_path / "b") as one, contextlib.ExitStack() as stack:
        folder = one.socket().parent
        folder.mkdir(0o700)
        for number in range(MOST_SESSIONS):
            lock = stack.enter_context((folder / f"hooks-0-{number}.lock").open("w"))
            fcntl.flock(lock, fcntl.LOCK_EX)
        assert one.is_read_denied()
        assert not one.socket().exists()
