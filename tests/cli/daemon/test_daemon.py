"""The daemon: real processes ask it, honest ones and others; without it, each command works all the same."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import sysconfig
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

import tokens
from cli_shell import PATIENCE, TOKENWARD, Done, SetUp, Shell
from git_tree import git, repository
from starts import in_session, in_session_to_end, in_tests_session, orphaned
from tokenward import thin_client
from tokenward.cli.daemon.serve import SETTLED_SECONDS
from unprivileged import NOBODY, can_become

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the daemon exists on Linux only"),
    pytest.mark.usefixtures("own_interpreter"),
]

CLIENT = str(Path(thin_client.__file__))
GIT = b"protocol=https\nhost=git.example.com\n\n"
NAMED = "keyring://acme-api/TOKEN"
VALUE = b"the value"
SERVED: list[tuple[list[str], bytes]] = [
    (["credential", "git", "get"], GIT),
    (["credential", "git", "get"], b"protocol=https\nhost=other.example.com\n\n"),
    (["credential", "docker", "get"], b"git.example.com"),
    (["credential", "docker", "get"], b"other.example.com"),
    (["credential", "aws", "AKIAEXAMPLE", NAMED], b""),
    (["credential", "kubectl", NAMED], b""),
    (["credential", "headers", f"A: {NAMED}"], b""),
    (["credential", "headers", "A: nothing"], b""),
    (["get", "TOKEN"], b""),
    (["get", "MISSING"], b""),
    (["get", "keyring://elsewhere/TOKEN"], b""),
]
LEFT: list[tuple[list[str], bytes]] = [
    (["credential", "git", "erase"], GIT),
    (["credential", "git", "store"], GIT),
    (["credential", "docker", "list"], b""),
    (["credential", "list"], b""),
    (["credential"], b""),
    (["get", "--yes"], b""),
    (["get", "TOKEN", "--clip"], b""),
    (["run"], b""),
    (["run", "--mask", "true"], b""),
    (["run", "--env-file", ".env", "true"], b""),
    (["run", "--file", "a=b", "true"], b""),
    (["run", "--no-mask", ""], b""),
    (["rm", "TOKEN", "--yes"], b""),
    ([""], b""),
]
"""Words that no honest client sends."""
ASK = """
import sys, base64, json
sys.path.insert(0, sys.argv[1])
import thin_client
# Tests run on busy machines.
thin_client.GREETING_SECONDS = thin_client.HOOK_SECONDS = thin_client.ANSWER_SECONDS = 10.0
daemon = thin_client.HOOKS_DAEMON if sys.argv[2] == "hooks" else thin_client.DAEMON
answer = thin_client.ask(sys.argv[3:], sys.stdin.buffer.read(), daemon)
print(json.dumps(answer and [answer[0], answer[1].decode("utf-8", "replace"), answer[2].decode()]))
"""
Answer = list[object] | None


@dataclass(frozen=True)
class Served:
    """A workspace whose user has a daemon."""

    shell: Shell
    pid: int

    @property
    def socket(self) -> Path:
        (found,) = Path(self.shell.environment["XDG_RUNTIME_DIR"], "tokenward").glob("daemon-*.sock")
        return found

    def ask(self, *words: str, given: bytes = b"", before: tuple[str, ...] = ()) -> Answer:
        """Return the daemon's answer to a process of its own; None if it gives none."""
        return asked(self.shell, *words, given=given, before=before)


def asked(
    shell: Shell, *words: str, given: bytes = b"", before: tuple[str, ...] = (), which: str = "daemon"
) -> Answer:
    command = [*before, sys.executable, "-I", "-S", "-c", ASK, str(Path(CLIENT).parent), which, *words]
    done = in_session_to_end(command, shell.environment, shell.folder, given)
    assert done.code == 0, done.err
    found: Answer = json.loads(done.out)
    return found


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def listener_of(path: Path) -> int:
    """Return the process that listens on a socket; 0 if none does."""
    with socket.socket(socket.AF_UNIX) as one:
        if one.connect_ex(str(path)):
            return 0
        return int.from_bytes(one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 4), sys.byteorder)


IGNORING = """
import os, signal, sys
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])
"""


@contextlib.contextmanager
def daemon(shell: Shell, before: tuple[str, ...] = ()) -> Iterator[Served]:
    with in_tests_session([*before, TOKENWARD, "daemon"], shell.environment, Path("/")) as process:
        try:
            folder = Path(shell.environment["XDG_RUNTIME_DIR"], "tokenward")
            wait_for(
                lambda: (
                    process.poll() is not None or process.pid in map(listener_of, folder.glob("hooks-*.sock"))
                )
            )
            assert process.poll() is None
            yield Served(shell, process.pid)
        finally:
            process.kill()


@pytest.fixture
def recorded(stored: Shell, set_up: SetUp, nobody_attends: None) -> Shell:
    """A workspace with a record for Git; a use that somebody attends would start a daemon by itself."""
    with set_up():
        assert stored("credential", "add", "https://git.example.com", "TOKEN").code == 0
    return stored.having(TOKENWARD_DAEMON="on")


@pytest.fixture
def served(recorded: Shell) -> Iterator[Served]:
    with daemon(recorded) as one:
        yield one


def started_here(shell: Shell) -> Done:
    """Start a daemon in this session, where one would be believed, and wait for its end."""
    pipes = dict.fromkeys(("stdout", "stderr"), subprocess.PIPE)
    with in_tests_session([TOKENWARD, "daemon"], shell.environment, shell.folder, **pipes) as process:
        out, err = process.communicate(timeout=PATIENCE)
    return Done(process.returncode, out, err.decode())


def by_program(shell: Shell, words: list[str], given: bytes) -> Done:
    """Run the same words without a daemon."""
    program = f"{words[1]}-credential-tokenward" if words[:2] in HELPED else "tokenward"
    command = [str(Path(TOKENWARD).with_name(program)), *(words[2:] if words[:2] in HELPED else words)]
    return in_session_to_end(command, {**shell.environment, "TOKENWARD_DAEMON": "off"}, shell.folder, given)


HELPED = (["credential", "git"], ["credential", "docker"])


def rows(shell: Shell) -> list[dict[str, object]]:
    """Return the ledger without times, processes and hashes."""
    with contextlib.closing(sqlite3.connect(shell.data / "ledger.db")) as ledger:
        found = ledger.execute(
            "SELECT event, workspace, name, origin, detail FROM records ORDER BY id"
        ).fetchall()
    keys = ("event", "workspace", "name", "origin")
    return [dict(zip(keys, row, strict=False)) | detail(json.loads(row[-1])) for row in found]


def detail(known: dict[str, object]) -> dict[str, object]:
    return {key: known.get(key) for key in ("purpose", "command", "why", "program", "agent", "unattended")}


@pytest.mark.slow
def test_an_answer_is_what_the_program_prints_and_leaves_the_same_record(
    served: Served, set_up: SetUp
) -> None:
    for words, given in SERVED:
        answer = served.ask(*words, given=given)
        assert answer is not None, words
        by_daemon = rows(served.shell)
        with set_up():
            done = by_program(served.shell, words, given)
        assert answer == [done.code, done.out.decode(), done.err], words
        added = rows(served.shell)[len(by_daemon) :]
        assert added == by_daemon[len(by_daemon) - len(added) :], words


def test_everything_else_is_left_to_the_program(served: Served) -> None:
    before = rows(served.shell)
    for words, given in LEFT:
        assert served.ask(*words, given=given) is None, words
    assert rows(served.shell) == before


@pytest.mark.skipif(shutil.which("strace") is None, reason="only strace shows which sockets a command opens")
def test_commands_use_it(served: Served) -> None:
    for command in (
        [str(Path(TOKENWARD).with_name("git-credential-tokenward")), "get"],
        [sys.executable, "-I", "-S", CLIENT, "git", "get"],
        [TOKENWARD, "get", "TOKEN"],
        [sys.executable, "-I", "-S", CLIENT, "kubectl", NAMED],
    ):
        # A busy machine may be too slow for one.
        wait_for(lambda command=command: is_answered(served.shell, command))  # type: ignore[misc]


def is_answered(shell: Shell, command: list[str]) -> bool:
    """Run a command; return whether the daemon answered, so that it did not ask the keyring itself."""
    traced = ["strace", "-f", "-e", "trace=connect", *command]
    log = in_session_to_end(traced, shell.environment, shell.folder, GIT)
    assert log.code == 0
    assert VALUE in log.out
    return "daemon-" in log.err and "dbus" not in log.err


@pytest.mark.slow
def test_an_agent_is_refused_as_without_a_daemon(served: Served) -> None:
    """By its own variable, and by that of a process above it."""
    agents = [("env", "CLAUDECODE=1"), ("env", "AI_AGENT=x", "sh", "-c", 'env -u AI_AGENT "$@"; :', "-")]
    for before in agents:
        for words, given in SERVED:
            assert served.ask(*words, given=given, before=before) is None
    agent = served.shell.having(CLAUDECODE="1")
    cold = agent.having(TOKENWARD_DAEMON="off")
    assert agent("get", "TOKEN") == cold("get", "TOKEN")
    assert agent("get", "TOKEN").code == 2
    assert [row for row in rows(served.shell) if row["event"] == "resolved"] == []


def test_a_process_that_hides_what_started_it_is_left_to_the_program(served: Served) -> None:
    command = [sys.executable, "-I", "-S", "-c", ASK, str(Path(CLIENT).parent), "get", "TOKEN"]
    done = orphaned(command, served.shell.environment, served.shell.folder)
    cold = by_program(served.shell, ["get", "TOKEN"], b"")
    assert cold.code == 0
    assert json.loads(done.out) is None


@pytest.mark.parametrize(
    "terms",
    [("--confirm", "always"), ("--uses", "1"), ("--for", "1s"), ("--only", "/bin/true")],
)
def test_a_lease_counts_as_without_a_daemon(served: Served, terms: tuple[str, ...], set_up: SetUp) -> None:
    with set_up():
        assert served.shell("lease", "TOKEN", *terms).code == 0
    time.sleep(1.1 if "--for" in terms else 0)
    words = ["credential", "kubectl", NAMED]
    answer = served.ask(*words)
    assert VALUE.decode() not in str(answer)
    if answer is None:
        assert rows(served.shell)[-1]["event"] == "leased"
    shown = served.shell(*words)
    assert (shown.code == 0) is ("--uses" in terms)
    assert answer is None or answer == [2, "", shown.err]


def test_a_folder_that_is_not_the_tokens_gets_nothing(served: Served, tmp_path: Path) -> None:
    elsewhere = served.shell.at(tmp_path)
    answer = asked(elsewhere, "get", NAMED)
    done = by_program(elsewhere, ["get", NAMED], b"")
    assert done.code == 2
    assert answer == [2, "", done.err]


STARTED: list[list[str]] = [
    ["sh", "-c", "env -0 | sort -z"],
    ["grep", "Sig[BIC]", "/proc/self/status"],
    ["sh", "-c", "ulimit -a; umask; pwd; ls -l /proc/self/fd | wc -l"],
    ["sh", "-c", "exit 7"],
    ["sh", "-c", "kill -TERM $$"],
    ["./script", "an argument", ""],
    ["missing"],
    ["./folder"],
    ["./no-format"],
    ["./data"],
]
"""Commands that show, or fail for, all that a process is started with."""


@pytest.fixture
def project(recorded: Shell) -> Shell:
    """A workspace with a reference, more variables, and programs that cannot all be started."""
    recorded.write_env(f"TOKEN={NAMED}", "OTHER=${HOME}/é")
    recorded.write_script("script", 'printf \'%s|\' "$TOKEN" "$@"\n')
    (recorded.folder / "folder").mkdir()
    recorded.write_script("no-format", "").write_bytes(b"\x7fELF")
    (recorded.folder / "data").write_text("text")
    for package, text in (("api", f"BELOW={NAMED}\nSEVERAL={NAMED}\n"), ("web", "SEVERAL=1\n")):
        (recorded.folder / package).mkdir()
        (recorded.folder / package / ".env").write_text(text)
    return recorded


def started(
    shell: Shell, which: str, command: list[str], client: tuple[str, ...] = (TOKENWARD,)
) -> tuple[Done, dict[str, object]]:
    """Run a command, and return its record; with the daemon, until it answered in time, and wrote the record."""
    while True:
        with in_session(
            [*client, "run", "--no-mask", "--", *command],
            {**shell.environment, "TOKENWARD_DAEMON": which},
            shell.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as process:
            out, err = process.communicate()
        with contextlib.closing(sqlite3.connect(shell.data / "ledger.db")) as ledger:
            _, event, writer, text = ledger.execute(
                "SELECT max(id), event, pid, detail FROM records"
            ).fetchone()
        assert event == "resolved"
        if (writer == process.pid) is (which == "off"):
            done = Done(process.returncode, out.replace(f"DAEMON={which}".encode(), b""), err.decode())
            return done, {**json.loads(text), "parents": ()}


def audited(shell: Shell, *words: str) -> list[str]:
    """Return the modules that a command loads, and the databases that it opens."""
    code = (
        "import sys\n"
        "sys.addaudithook(lambda what, given: what in ('import', 'sqlite3.connect') and"
        " print('\\n@', what, given[0], file=sys.stderr))\n"
        "from tokenward.cli.main import main\n"
        "main()"
    )
    done = in_session_to_end([sys.executable, "-c", code, *words], shell.environment, shell.folder)
    assert done.code == 0, done.err
    return [line[2:] for line in done.err.splitlines() if line.startswith("@ ")]


@pytest.mark.slow
def test_run_starts_the_same_program_in_the_same_way_and_leaves_the_same_record(project: Shell) -> None:
    thin = (sys.executable, "-I", "-S", CLIENT)
    with daemon(project):
        for locale in ({}, {"LC_ALL": "C"}, {"LANG": "C"}):
            shell = project.without("LC_ALL", "LC_CTYPE").having(**locale)
            for command in STARTED if not locale else STARTED[:1]:
                cold = started(shell, "off", command)
                assert "does not get SEVERAL" in cold[0].err
                assert started(shell, "on", command) == cold, command
                assert started(shell, "on", command, thin) == cold, command


def test_run_by_the_daemon_uses_the_main_folders_references_in_a_worktree(recorded: Shell) -> None:
    repository(recorded.folder)
    git(recorded.folder, "commit", "-q", "--allow-empty", "-m", "first")
    git(recorded.folder, "worktree", "add", "-q", str(recorded.folder.parent / "feature"))
    worktree = recorded.at(recorded.folder.parent / "feature")
    with daemon(worktree):
        cold = started(worktree, "off", ["printenv", "TOKEN"])
        assert cold[0].text == "the value\n"
        assert "uses the references in ../acme-api/.env" in cold[0].err
        assert started(worktree, "on", ["printenv", "TOKEN"]) == cold


def test_run_opens_each_database_once_and_by_the_daemon_loads_nothing(project: Shell) -> None:
    words = ("run", "--no-mask", "true")
    cold = audited(project.having(TOKENWARD_DAEMON="off"), *words)
    opened = [line.rpartition("/")[2] for line in cold if line.startswith("sqlite3")]
    assert sorted(opened) == ["custody.db", "ledger.db"]
    with daemon(project) as served:
        wait_for(lambda: served.ask(*words) is not None)
        seen = audited(served.shell, *words)
    ours = {line.split()[1] for line in seen if line.startswith("import tokenward")}
    assert ours == {
        "tokenward",
        "tokenward.cli",
        "tokenward.cli.main",
        "tokenward.thin_client",
        "tokenward.core_dumps",
    }
    assert not [line for line in seen if line.startswith("sqlite3")]


@pytest.mark.slow
def test_a_command_whose_files_are_filled_is_left_to_the_program(project: Shell, set_up: SetUp) -> None:
    token = tokens.github("daemon")
    project.folder.joinpath(".netrc").write_text(f"machine example.com login me {'password'} {token}\n")
    with set_up():
        assert project("move", ".netrc").code == 0
    shell = project.having(NETRC=".netrc")
    with daemon(shell) as served:
        wait_for(lambda: served.ask("get", "TOKEN") is not None)
        before = rows(shell)
        assert served.ask("run", "--no-mask", "true") is None
        assert rows(shell) == before
        assert token in served.shell("run", "--no-mask", "--", "sh", "-c", 'cat "$NETRC"').text


def test_what_a_run_masks_is_left_to_the_program(project: Shell) -> None:
    with daemon(project) as served:
        for words in (["run"], ["run", "--mask"]):
            done = served.shell(*words, "--", "sh", "-c", "echo $TOKEN")
            assert done.code == 0
            assert VALUE not in done.out


@pytest.mark.parametrize(
    "terms",
    [
        ("--only", shutil.which("true") or ""),
        ("--confirm", "session"),
        ("--confirm", "always"),
        ("--uses", "1"),
    ],
)
def test_a_program_that_the_asker_only_claims_is_not_believed(
    project: Shell, terms: tuple[str, ...], set_up: SetUp
) -> None:
    with set_up():
        assert project("lease", "TOKEN", *terms).code == 0
    with daemon(project) as served:
        before = rows(project)
        assert served.ask("run", "--no-mask", "true") is None
        assert rows(project) == before
        allowed = served.shell("run", "--no-mask", "true")
    assert allowed.code == (0 if "--confirm" not in terms else 125)


def test_no_value_stays_in_the_daemon(served: Served) -> None:
    value = secrets.token_hex(16)
    served.shell.put("OTHER", value)
    assert served.ask("get", "OTHER") == [0, f"{value}\n", ""]
    maps = Path(f"/proc/{served.pid}/maps").read_text().splitlines()
    with Path(f"/proc/{served.pid}/mem").open("rb") as memory:
        for line in maps:
            place, rights, *_ = line.split()
            if "w" not in rights:
                continue
            start, end = (int(part, 16) for part in place.split("-"))
            memory.seek(start)
            with contextlib.suppress(OSError):
                assert value.encode() not in memory.read(end - start)


def test_clients_that_hang_delay_nobody(served: Served) -> None:
    with contextlib.ExitStack() as stack:
        for content in (b"", b"\0\0\0\x10abc", b"\xff\xff\xff\xff", b"GET / HTTP/1.1\r\n\r\n"):
            one = stack.enter_context(socket.socket(socket.AF_UNIX))
            one.connect(str(served.socket))
            one.sendall(content)
        assert served.ask("get", "TOKEN") == [0, "the value\n", ""]
        time.sleep(3)
        assert served.ask("get", "TOKEN") == [0, "the value\n", ""]


def test_a_request_that_another_process_sends_is_not_served(served: Served) -> None:
    """Neither the process that got the connection, nor the one that has gone, counts as the asker."""
    message = thin_client.packed([b"get\0TOKEN", b""])
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(str(served.socket))
        assert one.recv(1) == thin_client.READY
        child = os.fork()
        if not child:
            one.sendall(message)
            os._exit(0)
        os.waitpid(child, 0)
        assert received(one) == b""
    ours, theirs = socket.socketpair(socket.AF_UNIX)
    with ours, theirs:
        child = os.fork()
        if not child:
            with socket.socket(socket.AF_UNIX) as gone:
                gone.connect(str(served.socket))
                gone.recv(1)
                socket.send_fds(theirs, [b"x"], [gone.fileno()])
            os._exit(0)
        _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
        os.waitpid(child, 0)
        with socket.socket(fileno=descriptors[0]) as inherited:
            with contextlib.suppress(OSError):
                inherited.sendall(message)
            assert received(inherited) == b""


def received(connection: socket.socket) -> bytes:
    with contextlib.suppress(OSError):
        return connection.recv(100)
    return b""


@pytest.mark.skipif(not can_become(NOBODY), reason="only the superuser can become another user")
def test_another_user_is_not_served_even_where_the_folders_let_them_in(served: Served) -> None:
    path = str(served.socket)
    for place in (*list(served.socket.parents)[:3], served.socket):
        place.chmod(0o777)
    child = os.fork()
    if not child:
        code = 1
        with contextlib.suppress(BaseException), socket.socket(socket.AF_UNIX) as one:
            os.setresuid(NOBODY, NOBODY, NOBODY)
            one.settimeout(PATIENCE)
            one.connect(path)
            code = 2 if one.recv(1) else 0
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert served.ask("get", "TOKEN") is None, "the client trusts no folder that others may enter"


FAKE = """
import socket, sys
listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1]); listener.listen(); print(flush=True)
while True:
    one, _ = listener.accept()
    try:
        one.sendall(b"+" + bytes([0, 0, 0, 17, 0, 0, 0, 1, 48, 0, 0, 0, 4]) + b"fake" + bytes(4))
        sent = one.recv(1000)
    except OSError:
        sent = b""
    print(sent.hex(), flush=True)
"""


def test_a_program_that_pretends_to_be_the_daemon_learns_and_gives_nothing(recorded: Shell) -> None:
    with daemon(recorded) as real:
        path = real.socket
    path.unlink()
    pretending = [sys.executable, "-I", "-c", FAKE, str(path)]
    with in_session(pretending, os.environ, Path("/"), stdout=subprocess.PIPE) as fake:
        try:
            assert fake.stdout is not None
            fake.stdout.readline()
            assert asked(recorded, "get", "TOKEN") is None
            assert recorded.get("TOKEN") == "the value"
            assert fake.stdout.readline() == b"\n", "it was sent something"
            # The daemon's lock is free, so the real one takes the place back.
            with daemon(recorded) as real:
                assert real.ask("get", "TOKEN") == [0, "the value\n", ""]
        finally:
            fake.kill()


def test_a_folder_that_is_a_link_or_open_to_others_is_not_used(recorded: Shell, tmp_path: Path) -> None:
    runtime = Path(recorded.environment["XDG_RUNTIME_DIR"])
    aim = tmp_path / "aim"
    aim.mkdir(mode=0o700)
    (runtime / "tokenward").symlink_to(aim)
    done = started_here(recorded)
    assert done.code == 2
    assert "There is no daemon here" in done.err
    assert [*aim.glob("*.sock")] == []
    (runtime / "tokenward").unlink()
    runtime.chmod(0o755)
    assert started_here(recorded).code == 2
    assert recorded.get("TOKEN") == "the value"


@pytest.mark.parametrize("blow", [signal.SIGKILL, signal.SIGSTOP])
def test_a_daemon_that_was_killed_or_hangs_delays_nothing(served: Served, blow: signal.Signals) -> None:
    os.kill(served.pid, blow)
    assert served.ask("get", "TOKEN") is None
    assert served.shell.get("TOKEN") == "the value"
    command = [sys.executable, "-I", "-S", CLIENT, "git", "get"]
    assert VALUE in in_session_to_end(command, served.shell.environment, served.shell.folder, GIT).out


def test_a_killed_daemons_socket_is_taken_over_and_a_second_daemon_refused(recorded: Shell) -> None:
    with daemon(recorded):
        pass
    with daemon(recorded) as again:
        assert again.ask("get", "TOKEN") == [0, "the value\n", ""]
        assert "running already" in started_here(recorded).err
        assert again.ask("get", "TOKEN") == [0, "the value\n", ""]


def test_a_daemon_whose_starter_ignores_the_end_of_children_goes_on_answering(recorded: Shell) -> None:
    with daemon(recorded, before=(sys.executable, "-c", IGNORING)) as one:
        for _ in range(3):
            assert one.ask("get", "TOKEN") == [0, "the value\n", ""]


def test_it_ends_when_nobody_asks(recorded: Shell) -> None:
    code = "from tokenward.cli.daemon.serve import VALUES, serve; serve(VALUES, idle=0.5)"
    command = [sys.executable, "-I", "-c", code]
    with in_tests_session(command, recorded.environment, recorded.folder) as process:
        assert process.wait(PATIENCE) == 0
    folder = Path(recorded.environment["XDG_RUNTIME_DIR"], "tokenward")
    assert [*folder.glob("*.sock")] == []


def test_it_ends_when_its_socket_is_removed_or_replaced(recorded: Shell) -> None:
    """A logout removes the folder; nobody could find this daemon again."""
    for replaces in (False, True):
        with daemon(recorded) as one:
            path = one.socket
            assert one.ask("get", "TOKEN") == [0, "the value\n", ""]
            path.unlink()
            if replaces:
                path.touch()
            wait_for(lambda one=one: not is_alive(one.pid))  # type: ignore[misc]
            assert path.exists() is replaces
            path.unlink(missing_ok=True)
            assert recorded.get("TOKEN") == "the value"


def is_alive(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def test_a_daemon_that_is_ended_takes_its_socket_along(served: Served) -> None:
    path = served.socket
    os.kill(served.pid, signal.SIGTERM)
    wait_for(lambda: not is_alive(served.pid))
    assert not path.exists()


def set_daemon(shell: Shell, state: str) -> None:
    settings = Path(shell.environment["HOME"], ".config", "tokenward", "config.toml")
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(f"daemon = {state}\n")


def test_a_setting_turns_it_off_and_on(served: Served) -> None:
    set_daemon(served.shell, "true")
    assert served.ask("get", "TOKEN") == [0, "the value\n", ""]
    set_daemon(served.shell, "false")
    assert served.ask("get", "TOKEN") is None
    assert served.shell.get("TOKEN") == "the value"
    wait_for(lambda: not is_alive(served.pid))
    done = started_here(served.shell)
    assert (done.code, "The setting `daemon` turns it off" in done.err) == (2, True)
    set_daemon(served.shell, "true")
    with daemon(served.shell) as again:
        assert again.ask("get", "TOKEN") == [0, "the value\n", ""]


def test_an_answer_follows_the_askers_own_settings(served: Served, tmp_path: Path) -> None:
    settings = tmp_path / "settings" / "tokenward" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text("no-such-setting = 1\n")
    shell = served.shell.having(XDG_CONFIG_HOME=str(tmp_path / "settings"))
    words = ["get", "TOKEN"]
    done = by_program(shell, words, b"")
    assert "no-such-setting" in done.err
    assert asked(shell, *words) == [0, done.out.decode(), done.err]
    assert served.ask(*words) == [0, "the value\n", ""]


@pytest.mark.slow
def test_the_setup_check_lists_it_with_its_age_and_memory(served: Served) -> None:
    assert served.ask("get", "TOKEN") is not None
    (line,) = [line for line in served.shell("doctor").text.splitlines() if f"process {served.pid} " in line]
    assert re.fullmatch(
        r"✓ daemon: process \d+ has answered commands and agents' hooks for .+, in \d+ MB", line
    )


OLD, NEW = "Nothing is stored under", "Nothing at all is stored under"


@pytest.fixture
def installation(tmp_path: Path) -> Path:
    """An interpreter with a copy of this code, and the dependencies of this one."""
    venv.create(tmp_path / "installed", with_pip=False)
    (packages,) = (tmp_path / "installed").glob("lib/python*/site-packages")
    shutil.copytree(Path(CLIENT).parent, packages / "tokenward", ignore=shutil.ignore_patterns("__pycache__"))
    (packages / "others.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    # What changed a moment ago may have changed while it was loaded.
    time.sleep(SETTLED_SECONDS + 0.1)
    return tmp_path / "installed" / "bin" / "python"


@pytest.mark.parametrize("is_updated", [False, True])
def test_a_command_whose_code_has_changed_is_not_answered_by_old_code(
    recorded: Shell, installation: Path, is_updated: bool
) -> None:
    """One module is another, as after an update, a patch or a checkout; the daemon of before has loaded it."""
    words = [str(installation), "-m", "tokenward.cli"]

    def get(**variables: str) -> str:
        environment = {**recorded.environment, **variables}
        return in_session_to_end([*words, "get", "MISSING"], environment, recorded.folder).err

    with in_tests_session([*words, "daemon"], recorded.environment, Path("/")) as process:
        folder = Path(recorded.environment["XDG_RUNTIME_DIR"], "tokenward")
        wait_for(lambda: process.pid in map(listener_of, folder.glob("hooks-*.sock")))
        assert OLD in get()
        if is_updated:
            package = next(installation.parents[1].glob("lib/python*/site-packages/tokenward"))
            changed = [path for path in package.rglob("*.py") if OLD in path.read_text()]
            for path in changed:
                path.write_text(path.read_text().replace(OLD, NEW))
            assert NEW in get()
            process.wait(PATIENCE)
        else:
            assert process.poll() is None
        assert (NEW if is_updated else OLD) in get(TOKENWARD_DAEMON="off")
        process.kill()


def test_an_agent_starts_no_daemon(recorded: Shell) -> None:
    for words in (["daemon"], ["daemon", "--serve"]):
        done = recorded.having(CLAUDECODE="1")(*words)
        assert done.code == 2
        assert "Only a person" in done.err


USE = ("sh", "-c", f"printf '%s' '{GIT.decode()}' | git-credential-tokenward get | cat; echo done; read end")


@pytest.mark.parametrize("variables", [{}, {"CLAUDECODE": "1"}, {"TOKENWARD_DAEMON": "off"}])
def test_a_use_by_a_person_at_a_terminal_starts_it(recorded: Shell, variables: dict[str, str]) -> None:
    """Keys at the terminal do not reach it, and it ends with the terminal."""
    path = f"{Path(TOKENWARD).parent}{os.pathsep}{recorded.environment['PATH']}"
    shell = recorded.having(PATH=path, **variables)
    folder = Path(recorded.environment["XDG_RUNTIME_DIR"], "tokenward")
    with shell.terminal(command=USE) as terminal:
        terminal.expect("done")
        if variables:
            time.sleep(1)
            assert not folder.exists()
            return
        wait_for(lambda: any(map(listener_of, folder.glob("*.sock"))))
        (pid,) = {*filter(None, map(listener_of, folder.glob("*.sock")))}
        assert (os.getsid(pid), os.getpgid(pid)) == (terminal.process.pid, pid)
        assert b"DBUS" not in Path(f"/proc/{pid}/environ").read_bytes()
        terminal.type("\n")
        terminal.end()
    wait_for(lambda: not psutil.pid_exists(pid) or not is_alive(pid))


def test_a_use_without_a_terminal_starts_none(recorded: Shell) -> None:
    assert recorded.get("TOKEN") == "the value"
    time.sleep(1)
    assert not Path(recorded.environment["XDG_RUNTIME_DIR"], "tokenward").exists()
