"""A process that broke the chain to what started it is not taken for a person; services and people's programs are."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from tokenward.custody.callers import callers
from tokenward.custody.callers.callers import is_detached
from tokenward.custody.callers.processes import Process

TELL = """
import json, os, sys, time
from tokenward.custody.callers.callers import caller
while not os.path.exists(sys.argv[1] + ".go"):
    time.sleep(0.02)
c = caller(os.getpid())
open(sys.argv[1], "w").write(json.dumps([c.agent, c.is_detached, bool(c.possible_agent)]) + chr(10))
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell enough")


def process(
    pid: int, name: str, *, tty: bool = False, session: int = 0, started: float = 900, user: int = 7
) -> Process:
    return Process(pid, name, (name,), {}, tty, session or pid, started, user)


INIT = process(1, "init", session=1, started=0.5, user=0)
OWN = process(90, "tokenward", session=80)
AT_TERMINAL = process(90, "tokenward", session=80, tty=True)
SHELL = process(80, "bash", tty=True)

CASES: dict[str, tuple[bool, Sequence[Process]]] = {
    "fell to the first process": (True, [OWN, INIT]),
    "with a shell above it": (True, [OWN, process(80, "sh"), INIT]),
    "through script": (True, [AT_TERMINAL, SHELL, process(70, "script"), INIT]),
    "through a terminal in Python": (True, [AT_TERMINAL, process(70, "python3.12"), INIT]),
    "kept the terminal of a shell that ended": (True, [AT_TERMINAL, INIT]),
    "in tmux": (False, [AT_TERMINAL, SHELL, process(70, "tmux: server"), INIT]),
    "in a terminal emulator": (False, [AT_TERMINAL, SHELL, process(70, "kitty"), INIT]),
    "in an editor on a server": (False, [AT_TERMINAL, SHELL, process(70, "node"), INIT]),
    "a login": (False, [AT_TERMINAL, SHELL, process(70, "login", tty=True, user=0), INIT]),
    "over ssh without a terminal": (False, [OWN, process(80, "bash"), process(70, "sshd", user=0), INIT]),
    "a service of the container": (False, [process(90, "tokenward", session=1), INIT]),
    "a service that the container started first": (False, [process(90, "tokenward", started=3), INIT]),
    "under a supervisor that it started first": (False, [OWN, process(20, "runsv", started=2), INIT]),
    "from outside the container": (False, [OWN, process(80, "sh")]),
    "the first process itself": (False, [INIT]),
    "on a system that does not tell": (False, [OWN, Process(80, "sh", (), {}, False), INIT]),
    "nothing": (False, []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_lineage_in_a_container(case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(callers, "_SYSTEMD", tmp_path / "absent")
    expected, lineage = CASES[case]
    assert is_detached(lineage) is expected


@pytest.mark.parametrize(
    ("unit", "expected"),
    [
        ("cron.service", False),
        ("session-3.scope", True),
        ("vte-spawn-0f7d.scope", True),
        ("app-gnome-idea-80.scope", False),
        ("app-gnome-code-4242.scope", True),
        ("", False),
    ],
)
def test_a_lineage_under_systemd(
    unit: str, expected: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """An orphan stays in the unit of what started it, and a desktop names a unit after the process that it starts."""
    monkeypatch.setattr(callers, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(callers, "control_group", {80: f"/user.slice/{unit}"}.__getitem__)
    manager = process(40, "systemd", user=7)
    assert is_detached([OWN, process(80, "java"), manager, INIT]) is expected


def told(out: Path, *command: str) -> tuple[str, bool, bool]:
    """Return what the Python at the end of a command says of itself once the command has ended, or lets it."""
    environment = {**os.environ, "OUT": str(out), "PYTHON": sys.executable, "TELL": TELL}
    subprocess.run(command, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    out.with_name(f"{out.name}.go").touch()
    deadline = time.monotonic() + 60
    while not (out.exists() and out.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    agent, is_apart, is_agent = json.loads(out.read_text())
    return agent, is_apart, is_agent


SAY = '"$PYTHON" -c "$TELL" "$OUT"'
HIDDEN_WAYS = {
    "setsid": f"env -u CLAUDECODE setsid -f sh -c '{SAY}'",
    "double fork": f"(env -u CLAUDECODE setsid sh -c '{SAY}; true' &)",
    "script": f"env -u CLAUDECODE setsid -f script -qec '{SAY}' /dev/null",
    "nohup": f"(unset CLAUDECODE; nohup setsid sh -c '{SAY}; true' &)",
}


@linux
@pytest.mark.parametrize("way", HIDDEN_WAYS)
def test_an_assistant_that_breaks_the_chain_is_not_a_person(way: str, tmp_path: Path) -> None:
    command = ("env", "CLAUDECODE=1", "sh", "-c", HIDDEN_WAYS[way])
    assert told(tmp_path / "out", *command) == ("", True, True)


@linux
def test_a_command_whose_chain_is_whole_is_not_detached(tmp_path: Path) -> None:
    script = f'touch "$OUT.go"; {SAY}; true'
    assert told(tmp_path / "out", "sh", "-c", script) == ("", False, False)
    assert told(tmp_path / "again", "setsid", "sh", "-c", script) == ("", False, False)
