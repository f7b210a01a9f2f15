"""A real agent starts a program that pretends to be the daemon; the hooks of another still deny, and are answered."""

from __future__ import annotations

import os
import shlex
import signal
import sys
from binascii import crc32
from pathlib import Path

import psutil
import pytest

import keyring_session
from agents import impostor
from agents.attacked_workspace import leaks
from agents.bench import Bench, Guard, bench
from agents.real_agents import CLAUDE, WHY_NOT
from agents.wire_formats import ToolCall
from cli.daemon.test_daemon import listener_of, wait_for
from tokenward import thin_client

pytestmark = pytest.mark.skipif(not keyring_session.AVAILABLE, reason=keyring_session.WHY_NOT)


def reads(one: Bench) -> list[str]:
    """Return what three reads of a file with a token return to a new session of the agent."""
    one.model.play(*[ToolCall("Read", {"file_path": str(one.workspace.folder / ".env.local")})] * 3)
    done = one.start("go on")
    assert len(one.model.results) == 3, done.stderr
    return one.model.results


def answers_of(daemon: int) -> float:
    """Return the seconds of the daemon's forks that have answered."""
    return sum(sum(child.cpu_times()[2:4]) for child in psutil.Process(daemon).children())


@pytest.mark.timeout(600)
def test_no_agent_turns_off_the_hooks_of_another_and_the_daemon_of_its_session_answers(
    rules_home: Path, tmp_path: Path
) -> None:
    if CLAUDE.path is None:
        pytest.skip(WHY_NOT)
    with bench(CLAUDE, tmp_path, rules_home, has_terminal=False) as plain:
        one = plain.guarded(Guard.PROTECT)
        name = f"hooks-{crc32(os.fsencode(Path(thin_client.__file__).parent)):08x}-{os.getsid(0)}.sock"
        path = Path(one.variables["XDG_RUNTIME_DIR"], "tokenward", name)
        honest, log = listener_of(path), tmp_path / "log"
        wait_for(lambda: psutil.Process(honest).children() != [])
        before = answers_of(honest)
        assert [leaks(read.encode()) for read in reads(one)] == [[], [], []]
        assert answers_of(honest) > before
        os.kill(honest, signal.SIGKILL)
        padding = "x" * (len(impostor.WORDS) - len("-\0\0"))
        command = shlex.join(["env", f"SOCKETS={path}", f"LOG={log}", sys.executable, "-", padding])
        script = tmp_path / "start.sh"
        script.write_text(f"{command} <{impostor.__file__} >/dev/null 2>&1 &\n")
        one.model.play(ToolCall("Bash", {"command": f"sh {script}"}))
        assert one.start("go on").returncode == 0
        assert "denied" not in one.model.results[0]
        wait_for(log.exists)
        pretends = int(log.read_text().split()[2])
        try:
            assert listener_of(path) == pretends
            assert [leaks(read.encode()) for read in reads(one)] == [[], [], []]
            assert listener_of(path) == pretends
            assert "asked" not in log.read_text()
        finally:
            os.kill(pretends, signal.SIGKILL)
