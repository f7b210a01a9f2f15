"""A process that broke the chain to what started it is not taken for a person; services and people's programs are."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import tokenward
from tokenward.custody.callers import callers
from tokenward.custody.callers.callers import DETACHED, is_detached, topmost_agent
from tokenward.custody.callers.processes import Process, lineage

TELL = """
import json, os, sys, time
from tokenward.custody.callers.callers import caller
while not os.path.exists(sys.argv[1] + ".go"):
    time.sleep(0.02)
c = caller(os.getpid())
open(sys.argv[1], "w").write(json.dumps([c.agent, c.is_detached, bool(c.possible_agent)]) + chr(10))
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems do not tell enough")


@pytest.fixture
def after_services() -> None:
    """Wait until what falls to the first process no longer passes for a service that a container starts with."""
    *_, first = lineage(os.getpid())
    assert first.started is not None
    time.sleep(max(0, first.started + callers._SOON + 1 - time.clock_gettime(time.CLOCK_BOOTTIME)))


def process(
    pid: int, name: str, *, tty: bool = False, session: int = 0, started: float = 900, user: int = 7
) -> Process:
    return Process(pid, name, (name,), {}, tty, session or pid, started, user)


INIT = process(1, "init", session=1, started=0.5, user=0)
OWN = process(90, "tokenward", session=80)
AT_TERMINAL = process(90, "tokenward", session=80, tty=True)
SHELL = process(80, "bash", tty=True)
INSTALLED = {71: "terminals", 72: "editors", 73: "logins"}
"""The processes of the cases that run an installed program, whatever they call themselves."""

CASES: dict[str, tuple[bool, Sequence[Process]]] = {
    "fell to the first process": (True, [OWN, INIT]),
    "with a shell above it": (True, [OWN, process(80, "sh"), INIT]),
    "through script": (True, [AT_TERMINAL, SHELL, process(70, "script"), INIT]),
    "through a program that calls itself a terminal": (
        True,
        [AT_TERMINAL, SHELL, process(70, "konsole"), INIT],
    ),
    "kept the terminal of a shell that ended": (True, [AT_TERMINAL, INIT]),
    "calls itself a service manager": (True, [process(90, "systemd", session=80), INIT]),
    "under what calls itself a service manager": (True, [AT_TERMINAL, process(70, "systemd"), INIT]),
    "in an editor's copy in the home folder": (True, [AT_TERMINAL, SHELL, process(70, "node"), INIT]),
    "under a program of another user": (True, [AT_TERMINAL, process(70, "sh", user=8), INIT]),
    "in a login server of one's own": (True, [AT_TERMINAL, SHELL, process(73, "sshd"), INIT]),
    "in a terminal emulator": (False, [AT_TERMINAL, SHELL, process(71, "any"), INIT]),
    "in a terminal emulator that a desktop started": (
        False,
        [AT_TERMINAL, SHELL, process(71, "any"), process(60, "gnome-shell"), process(40, "systemd"), INIT],
    ),
    "in an installed editor": (False, [AT_TERMINAL, SHELL, process(72, "any"), INIT]),
    "started by an installed editor": (False, [OWN, process(72, "any"), INIT]),
    "a login": (False, [AT_TERMINAL, SHELL, process(70, "login", tty=True, user=0), INIT]),
    "over ssh without a terminal": (False, [OWN, process(80, "bash"), process(70, "sshd", user=0), INIT]),
    "a service of the container": (False, [process(90, "tokenward", session=1), INIT]),
    "a service that the container started first": (False, [process(90, "tokenward", started=3), INIT]),
    "under a supervisor that it started first": (False, [OWN, process(20, "runsv", started=2), INIT]),
    "from outside the container": (False, [OWN, process(80, "sh")]),
    "the first process itself": (False, [INIT]),
    "on a system that does not tell": (False, [Process(80, "sh", (), {}, False), INIT]),
    "nothing": (False, []),
}


@pytest.mark.parametrize("case", CASES)
def test_a_lineage_in_a_container(case: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(callers, "_SYSTEMD", tmp_path / "absent")
    monkeypatch.setattr(callers, "_is_installed", lambda pid, kind: INSTALLED.get(pid) == kind)
    expected, lineage = CASES[case]
    assert is_detached(lineage) is expected


def test_an_editor_that_runs_as_an_interpreter_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callers, "_is_installed", lambda pid, kind: INSTALLED.get(pid) == kind)
    node = replace(process(72, "code"), variables={"ELECTRON_RUN_AS_NODE": "1"})
    assert is_detached([AT_TERMINAL, SHELL, node, INIT])
    assert is_detached([OWN, node, INIT])


USERS = "/user.slice/user-7.slice/user@7.service/app.slice"


@linux
@pytest.mark.parametrize(
    ("group", "own", "answering"),
    [
        ("/system.slice/cron.service", False, False),
        # A service that the user has made, which gives no answers for a person.
        (f"{USERS}/sync.service", False, True),
        ("/user.slice/user-7.slice/session-3.scope", True, True),
        (f"{USERS}/vte-spawn-0f7d.scope", True, True),
        # Whatever the user's manager names so, a program of the user can have it name.
        (f"{USERS}/app-gnome-idea-80.scope", True, True),
        ("", True, True),
    ],
)
def test_a_lineage_under_systemd(
    group: str, own: bool, answering: bool, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Only the first process of a unit is a service; an orphan stays in the unit of what started it."""
    monkeypatch.setattr(callers, "_SYSTEMD", tmp_path)
    monkeypatch.setattr(callers, "_CONTROL_GROUPS", tmp_path)
    monkeypatch.setattr(callers, "control_group", {80: group}.__getitem__)
    older = process(75, "java", started=800)
    top = process(80, "java", started=900)
    monkeypatch.setattr(callers, "lineage", lambda pid: iter([{80: top, 75: older}[pid]]))
    members = Path(f"{tmp_path}{group}", "cgroup.procs")
    members.parent.mkdir(parents=True, exist_ok=True)
    members.write_text("80\n")
    chain = [OWN, top, process(40, "systemd"), INIT]
    assert (is_detached(chain), is_detached(chain, answers=True)) == (own, answering)
    members.write_text("75\n80\n")
    assert is_detached(chain)


def told(out: Path, *command: str) -> tuple[str, bool, bool]:
    """Return what the Python at the end of a command says of itself once the command has ended, or lets it."""
    environment = {**os.environ, "OUT": str(out), "PYTHON": sys.executable, "TELL": TELL, "RENAMED": RENAMED}
    subprocess.run(command, env=environment, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    return told_now(out)


def told_now(out: Path) -> tuple[str, bool, bool]:
    """Let a Python that is running say it."""
    out.with_name(f"{out.name}.go").touch()
    deadline = time.monotonic() + 60
    while not (out.exists() and out.read_text().endswith("\n")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    agent, is_apart, is_agent = json.loads(out.read_text())
    return agent, is_apart, is_agent


RENAMED = """
import ctypes, os, pty, sys
libc = ctypes.CDLL(None)
libc.prctl(15, sys.argv[1].encode(), 0, 0, 0)
libc.prctl(4, 0, 0, 0, 0)
pty.spawn(["sh", "-c", '"$PYTHON" -c "$TELL" "$OUT"; true'])
"""
"""Names itself so, is dumped by nobody, so that its folder in /proc is root's, and opens a terminal."""
SAY = '"$PYTHON" -c "$TELL" "$OUT"'
HIDDEN_WAYS = {
    "setsid": f"env -u CLAUDECODE setsid -f sh -c '{SAY}'",
    "double fork": f"(env -u CLAUDECODE setsid sh -c '{SAY}; true' &)",
    "script": f"env -u CLAUDECODE setsid -f script -qec '{SAY}' /dev/null",
    "nohup": f"(unset CLAUDECODE; nohup setsid sh -c '{SAY}; true' &)",
    "a copy named konsole": f"env -u CLAUDECODE setsid -f \"$COPIES\"/konsole -qec '{SAY}' /dev/null",
    "a copy named systemd": f"env -u CLAUDECODE setsid -f \"$COPIES\"/systemd -qec '{SAY}' /dev/null",
    "a process named sshd": 'env -u CLAUDECODE setsid -f "$PYTHON" -c "$RENAMED" sshd',
    "a process named systemd": 'env -u CLAUDECODE setsid -f "$PYTHON" -c "$RENAMED" systemd',
    "in a process namespace of its own": (
        "env -u CLAUDECODE unshare --map-root-user --pid --fork --mount-proc "
        'sh -c \'setsid -f script -qec "$SAY" /dev/null; until test -s "$OUT"; do sleep 0.1; done\' &'
    ),
}


@linux
@pytest.mark.usefixtures("after_services")
@pytest.mark.parametrize("way", HIDDEN_WAYS)
def test_an_assistant_that_breaks_the_chain_is_not_a_person(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("konsole", "systemd"):
        shutil.copy(str(shutil.which("script")), tmp_path / name)
    monkeypatch.setenv("COPIES", str(tmp_path))
    monkeypatch.setenv("SAY", SAY)
    command = ("env", "CLAUDECODE=1", "sh", "-c", HIDDEN_WAYS[way])
    assert told(tmp_path / "out", *command) == ("", True, True)


def test_a_detached_process_is_no_other_agent_by_another_name(monkeypatch: pytest.MonkeyPatch) -> None:
    renamed = replace(OWN, variables={"AI_AGENT": "forged"})
    shell = replace(process(80, "sh"), variables={"CLAUDECODE": "1"})
    for chain, agent in (
        ([renamed, INIT], DETACHED),
        ([renamed] * 300, DETACHED),
        ([renamed, shell], "Claude Code"),
        ([renamed], "forged"),
        ([OWN], ""),
    ):
        monkeypatch.setattr(callers, "lineage", lambda _, chain=chain: iter(chain))
        assert topmost_agent(90) == agent


@linux
def test_a_command_whose_chain_is_whole_is_not_detached(tmp_path: Path) -> None:
    script = f'touch "$OUT.go"; {SAY}; true'
    assert told(tmp_path / "out", "sh", "-c", script) == ("", False, False)
    assert told(tmp_path / "again", "setsid", "sh", "-c", script) == ("", False, False)
    assert told(tmp_path / "at", "script", "-qec", script, "/dev/null") == ("", False, False)


MULTIPLEXERS = {
    "tmux": ('tmux -S "$PLACE/${OUT##*/}" new -d', 'tmux -S "$PLACE/${OUT##*/}" new'),
    "screen": ("screen -d -m", "screen"),
}
"""What starts a program in a multiplexer that no terminal shows, and in one that this terminal shows."""


@pytest.fixture
def multiplexer(request: pytest.FixtureRequest, sockets: Path) -> tuple[str, str]:
    """Commands that have the Python say it in a multiplexer, unseen and seen."""
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}")
    unseen, seen = (f"{start} sh -c '{SAY}'" for start in MULTIPLEXERS[request.param])
    return unseen, seen


@pytest.fixture
def sockets(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of multiplexers' sockets, whose paths must be short."""
    for name in ("TMUX", "STY"):
        monkeypatch.delenv(name, raising=False)
    with tempfile.TemporaryDirectory(prefix="tw-") as place:
        for name in ("PLACE", "SCREENDIR", "TMUX_TMPDIR"):
            monkeypatch.setenv(name, place)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("SAY", SAY)
        yield Path(place)


@linux
@pytest.mark.parametrize("multiplexer", MULTIPLEXERS, indirect=True)
def test_a_multiplexer_counts_while_a_terminal_that_counts_shows_it(
    multiplexer: tuple[str, str], tmp_path: Path
) -> None:
    unseen, seen = multiplexer
    assert told(tmp_path / "unseen", "sh", "-c", unseen) == ("", True, True)
    # The terminal that shows it is one that the hidden program gives itself.
    (tmp_path / "own.sh").write_text(seen)
    hidden = f"setsid -f script -qec 'sh {tmp_path}/own.sh' /dev/null"
    assert told(tmp_path / "own", "sh", "-c", hidden) == ("", True, True)
    (tmp_path / "seen.sh").write_text(f'touch "$OUT.go"; {seen}')
    shown = ("script", "-qec", f"sh {tmp_path}/seen.sh", "/dev/null")
    assert told(tmp_path / "seen", *shown) == ("", False, False)


WAIT = """
shown() { until [ "$(tmux "$@" list-clients | wc -l)" = "$clients" ]; do sleep 0.1; done; }
attached() { until screen -ls | grep -q Attached; do sleep 0.1; done; }
clients=1
"""
ATTACHED = {
    "tmux at its usual socket": 'tmux new -d "$SAY"; (shown; touch "$OUT.go") & tmux attach',
    "tmux at a named socket": 'tmux -L own new -d "$SAY"; (shown -L own; touch "$OUT.go") & tmux -L own attach',
    "tmux that was left and is shown again": """
tmux new -d "$SAY"; (shown; tmux detach-client -s 0) & tmux attach; wait; (shown; touch "$OUT.go") & tmux attach
""",
    "tmux that two terminals show": """
tmux new -d "$SAY"; clients=2; (shown; touch "$OUT.go") &
(until [ -e "$OUT" ]; do sleep 0.1; done) | script -qec 'tmux attach' /dev/null >/dev/null & tmux attach
""",
    "screen that was left and is shown again": """
screen -d -m -S own sh -c "$SAY"; (attached; screen -S own -d) & screen -r own; wait
(attached; touch "$OUT.go") & screen -r own
""",
}
"""What a person types, after which a terminal shows a multiplexer that it did not start."""


@linux
@pytest.mark.parametrize("way", ATTACHED)
def test_a_multiplexer_that_a_person_shows_counts(way: str, sockets: Path, tmp_path: Path) -> None:
    if shutil.which(way.partition(" ")[0]) is None:
        pytest.skip(f"needs {way.partition(' ')[0]}")
    (sockets / "person.sh").write_text(WAIT + ATTACHED[way])
    shown = ("script", "-qec", f"sh {sockets}/person.sh", "/dev/null")
    assert told(tmp_path / "out", *shown) == ("", False, False)


PERSONS = {"tmux": "tmux new", "screen": "screen -S persons"}
BORROWED = {
    "tmux": 'exec 7<>"$TERMINAL"; tmux -S "$PLACE/agents" new -d "$SAY"',
    "screen": 'screen -L -Logfile "$TERMINAL" -d -m -S agents sh -c "$SAY"',
}
"""What makes a multiplexer that no terminal shows have the person's terminal open."""


@pytest.fixture
def persons_terminal(request: pytest.FixtureRequest, sockets: Path) -> Iterator[str]:
    """The terminal in which a person uses a multiplexer."""
    if shutil.which(request.param) is None:
        pytest.skip(f"needs {request.param}")
    inside = f"sh -c 'touch {sockets}/shown; until test -e {sockets}/over; do sleep 0.1; done'"
    (sockets / "person.sh").write_text(f"tty > {sockets}/terminal; {PERSONS[request.param]} {inside}")
    command = ("script", "-qec", f"sh {sockets}/person.sh", "/dev/null")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL):
        deadline = time.monotonic() + 60
        while not (sockets / "shown").exists():
            assert time.monotonic() < deadline
            time.sleep(0.02)
        yield (sockets / "terminal").read_text().strip()
        (sockets / "over").touch()


@linux
@pytest.mark.parametrize("persons_terminal", PERSONS, indirect=True)
@pytest.mark.parametrize("own", BORROWED)
def test_a_multiplexer_that_has_a_persons_terminal_open_is_not_shown_there(
    own: str, persons_terminal: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which(own) is None:
        pytest.skip(f"needs {own}")
    monkeypatch.setenv("TERMINAL", persons_terminal)
    monkeypatch.setenv("WAY", BORROWED[own])
    kept = " ".join(f'{name}="${name}"' for name in KEPT)
    hidden = f'env -i {kept} setsid -f bash -c "$WAY"'
    assert told(tmp_path / "out", "env", "CLAUDECODE=1", "sh", "-c", hidden) == ("", True, True)


KEPT = (
    "HOME",
    "PATH",
    "TERM",
    "OUT",
    "PYTHON",
    "TELL",
    "SAY",
    "PLACE",
    "SCREENDIR",
    "TMUX_TMPDIR",
    "TERMINAL",
)


@linux
def test_an_assistant_that_shows_itself_a_multiplexer_is_no_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if shutil.which("tmux") is None:
        pytest.skip("needs tmux")
    monkeypatch.setenv("TERM", "xterm")
    kept = 'HOME=/ PATH="$PATH" TERM=xterm OUT="$OUT" PYTHON="$PYTHON" TELL="$TELL"'
    started = f"env -i {kept} tmux -S {tmp_path}/s new -d sh -c '{SAY}'"
    script = tmp_path / "attach.sh"
    script.write_text(f'{started}; sleep 1; touch "$OUT.go"; tmux -S {tmp_path}/s attach; true')
    seen = ("env", "CLAUDECODE=1", "script", "-qec", f"sh {script}", "/dev/null")
    assert told(tmp_path / "out", *seen) == ("", True, True)


@linux
@pytest.mark.skipif(not (shutil.which("xterm") and shutil.which("Xvfb")), reason="needs xterm and Xvfb")
def test_an_installed_terminal_counts_though_nobody_knows_what_started_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    with subprocess.Popen(
        # Otherwise it starts over, and refuses who comes meanwhile, once the first terminal has ended.
        ["Xvfb", "-displayfd", str(writing), "-nolisten", "tcp", "-noreset"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    ) as server:
        try:
            monkeypatch.setenv("DISPLAY", f":{os.read(reading, 16).decode().strip()}")
            command = f"setsid -f xterm -e sh -c '{SAY}'"
            assert told(tmp_path / "out", "sh", "-c", command) == ("", False, False)
            copy = shutil.copy(str(shutil.which("xterm")), tmp_path / "xterm")
            command = f"setsid -f {copy} -e sh -c '{SAY}'"
            assert told(tmp_path / "copied", "sh", "-c", command) == ("", True, True)
        finally:
            server.terminate()


@pytest.fixture
def ssh(tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """The command that logs in on this machine, by a server that nothing above it is known of."""
    sshd = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if sys.platform == "win32" or sshd is None or os.geteuid() != 0 or shutil.which("ssh-keygen") is None:
        pytest.skip("needs root and an SSH server")
    Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    key, pid = tmp_path / "key", tmp_path / "pid"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key], check=True)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (tmp_path / "sshd.conf").write_text(
        f"ListenAddress 127.0.0.1:{port}\nHostKey {key}\nAuthorizedKeysFile {key}.pub\nPidFile {pid}\n"
        "StrictModes no\nUsePAM no\nPermitRootLogin yes\nPermitUserEnvironment no\nAcceptEnv *\n"
    )
    subprocess.run(["setsid", "-f", sshd, "-f", tmp_path / "sshd.conf"], check=True)
    deadline = time.monotonic() + 30
    while not pid.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    options = (
        "StrictHostKeyChecking=no",
        "UserKnownHostsFile=/dev/null",
        "SendEnv=OUT PYTHON TELL",
        "LogLevel=ERROR",
    )
    yield ("ssh", "-i", str(key), "-p", str(port), *(word for one in options for word in ("-o", one)))
    with contextlib.suppress(ProcessLookupError, ValueError):
        os.kill(int(pid.read_text()), 15)


@linux
def test_a_login_over_ssh_is_a_persons(ssh: tuple[str, ...], tmp_path: Path) -> None:
    """With a terminal and without one."""
    for flag in ("-tt", "-T"):
        command = (*ssh, flag, "root@127.0.0.1", f'touch "$OUT.go"; {SAY}; true')
        assert told(tmp_path / flag, *command) == ("", False, False)


def test_only_what_knows_callers_reads_the_known_assistant() -> None:
    """Whatever is decided by whether an assistant asks is decided by `possible_agent`."""
    source = Path(tokenward.__file__).parent
    reads = re.compile(r"\b(?:caller|asker|own|caller\([^\n]*\))\.agent\b(?!\.)")
    found = {
        path.relative_to(source).as_posix()
        for path in source.rglob("*.py")
        if "custody/callers/" not in path.as_posix() and reads.search(path.read_text("utf-8"))
    }
    # What the question calls the one who asks.
    assert found == {"presentation/approvals.py"}
