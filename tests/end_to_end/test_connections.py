"""Promise 4, nothing leaves the machine without its user's consent: every connection is observed."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

import network_witness
import provider
import rule_samples
import tokens
from cli_shell import TOKENWARD, Shell
from git_tree import git, repository
from network_witness import NAME_SERVICE, Witness, witnessed
from tokenward import names
from tokenward.cli.app import VERBS, load_verb
from tokenward.custody.callers.callers import is_terminal_open
from whole_session import TEXTS, use_editor

WHY_NOT = network_witness.why_not()
pytestmark = [
    pytest.mark.skipif(WHY_NOT is not None, reason=str(WHY_NOT)),
    # The kernel's filter covers what the witness starts, so forks come from a server of its own.
    pytest.mark.usefixtures("own_interpreter"),
]

FORMATS = ["human", "lines", "json", "sarif", "gitlab", "junit", "csv", "github"]
COMMANDS: list[tuple[list[str], bytes, int]] = [
    *((["scan", "--format", name], b"", 1) for name in FORMATS),
    (["scan", "--no-cache", "app.py", "all"], b"", 1),
    (["scan", "--stdin"], TEXTS["app.py"][1].encode(), 1),
    (["scan", "--staged"], b"", 1),
    (["scan", "--diff", "HEAD~2"], b"", 1),
    (["scan", "--history"], b"", 1),
    (["scan", "--baseline", "report.json"], b"", 0),
    (["ignore", "app.py:1", "--reason", "a test's own"], b"", 0),
    (["ignore", "list"], b"", 0),
    (["ignore", "prune"], b"", 0),
    (["check", "remote.txt"], b"", 2),
    (["check", "server.ts", "--yes", "--host", "other.example.com"], b"", 2),
    (["revoke", "server.ts"], b"", 2),
    (["revoke", "-"], tokens.github("stdin").encode(), 2),
    (["redact"], TEXTS["app.py"][1].encode(), 0),
    (["watch", "--from-start", "--until-idle", "0.1", "plain.env"], b"", 1),
    (["exec", "--mask", "--", "cat", "plain.env"], b"", 0),
    (["move", "plain.env"], b"", 0),
    (["move", "app.py:2", "--name", "CHOSEN"], b"", 0),
    (["move", "--all", "--dry-run", "--store-only"], b"", 0),
    (["put", "PUT_ONE"], tokens.github("put").encode(), 0),
    (["get", "PUT_ONE"], b"", 0),
    (["mcp"], b"", 0),
    (["list"], b"", 0),
    (["list", "--format", "json"], b"", 0),
    (["workspaces"], b"", 0),
    (["run", "--", "true"], b"", 0),
    (["run", "--env-file", "plain.env", "--only", "NPM_TOKEN", "--mask", "--", "env"], b"", 0),
    (["env", "--env-file", "plain.env"], b"", 0),
    (["inject", "plain.env", "--output", "filled.env"], b"", 0),
    (["restore", "plain.env"], b"", 0),
    (["lease", "PUT_ONE", "--for", "1h"], b"", 0),
    (["review", "--log", "access.log"], b"", 0),
    (["review", "--log", "access.log", "--format", "html", "--output", "review.html"], b"", 0),
    (["report", "--output", "report.html"], b"", 0),
    (["ledger", "show"], b"", 0),
    (["agents", "hook", "codex"], b"{}", 2),
    (["ledger", "verify"], b"", 0),
    (["ledger", "export"], b"", 0),
    (["ledger", "prune"], b"", 0),
    (["credential", "add", "https://git.example.com", "PUT_ONE"], b"", 0),
    (["credential", "list"], b"", 0),
    (["credential", "headers", "X-Key: keyring://acme-api/PUT_ONE"], b"", 0),
    (["credential", "key", "keyring://acme-api/PUT_ONE"], b"", 0),
    (["credential", "remove", "https://git.example.com"], b"", 0),
    (["agents", "protect", "--yes"], b"", 0),
    (["agents", "status"], b"", 0),
    (["agents", "check", "--format", "json"], b"", 0),
    (["agents", "undo", "--yes"], b"", 0),
    (["agents", "transcripts"], b"", 0),
    (["agents", "transcripts", "--store", "--redact", "--yes"], b"", 0),
    (["rename", "PUT_ONE", "PUT_TWO"], b"", 0),
    (["leave", "--dry-run"], b"", 0),
    (["rm", "PUT_TWO", "--yes"], b"", 0),
    (["doctor", "--test-entry"], b"", 0),
    (["--version"], b"", 0),
]
"""Arguments, what comes in on stdin, and the exit code; nobody is there to be asked."""
ANSWERED: list[tuple[list[str], str, int]] = [
    (["bind", "acme-api"], "y\n", 0),
    (["unbind", "acme-api"], "y\n", 0),
    (["check", "server.ts"], "n\n", 2),
    (["revoke", "server.ts"], "n\n", 2),
]
"""What a person at a terminal says to a command's question."""
ELSEWHERE = {"approve", "daemon", "server", "vault", "shell"}
"""Verbs that are run in other ways here, or, as `approve`, only wait for others."""


@pytest.fixture
def workspace(folder: Path) -> Path:
    """A repository with commits and something staged, and samples of our rules."""
    repository(folder)
    for name, (_, text) in TEXTS.items():
        folder.joinpath(name).write_text(text)
        git(folder, "add", name)
        git(folder, "commit", "-q", "-m", name)
    folder.joinpath("staged.env").write_text(f"A={tokens.github('staged')}\n")
    git(folder, "add", "staged.env")
    plant_samples(folder / "samples", every=20)
    return folder


def plant_samples(folder: Path, every: int) -> None:
    samples = [sample for rule in rule_samples.rules() for sample in rule_samples.samples_of(rule)][::every]
    for number, sample in enumerate(samples):
        place = folder / str(number) / (sample.path or "text")
        place.parent.mkdir(parents=True)
        place.write_text(sample.filled(number)[0])


def watched(work: Callable[[], object], environment: dict[str, str], *allowed: str) -> Witness:
    """Return the connections that the work attempted; the keyring's bus is permitted."""
    return witnessed(work, [NAME_SERVICE, *bus(environment), *allowed])


def assert_silent(work: Callable[[], object], environment: dict[str, str], *allowed: str) -> None:
    """Assert that the work connects to the keyring, which proves that it was watched, and to nothing else."""
    seen = watched(work, environment, *allowed)
    assert seen.refused == []
    assert any(attempt.endswith(f" {place}") for attempt in seen.permitted for place in bus(environment))


def bus(environment: dict[str, str]) -> Iterator[str]:
    for address in environment.get("DBUS_SESSION_BUS_ADDRESS", "").split(";"):
        for field in address.removeprefix("unix:").split(","):
            key, _, place = field.partition("=")
            if key in ("path", "abstract"):
                yield place if key == "path" else f"@{place}"


@pytest.mark.parametrize("client", ["vscode-1.139", "neovim-0.10"])
def test_a_server_connects_to_nothing(unlocked: dict[str, str], workspace: Path, client: str) -> None:
    """Documents, a notebook, hovers, every command, and changes on disk; approval questions get no answer."""
    ran: set[str] = set()
    assert_silent(lambda: ran.update(asyncio.run(use_editor(unlocked, workspace, client))), unlocked)
    assert ran == {value for name, value in vars(names).items() if name.startswith("COMMAND_")}


def test_the_command_line_connects_to_nothing(
    unlocked: dict[str, str], workspace: Path, compiled_rules: Path, tmp_path: Path
) -> None:
    """Every verb, and each format of a scan, run in turn in one workspace; what is cached at home is not there."""
    user = {**unlocked, "XDG_CACHE_HOME": str(tmp_path / "cache")}
    shell = Shell(user, workspace)
    if settings.get_current_profile_name() == "long":
        assert_silent(lambda: use_command_line(shell), user)
        return
    from fork_server import ForkServer  # noqa: PLC0415 - not on Windows

    # It is started under the filter, as its forks have to be, and loads the rules there.
    server = ForkServer(lambda: tmp_path / "cache" / "tokenward" / "rules")

    def fork() -> None:
        with contextlib.closing(server), server.in_popen():
            use_command_line(shell)

    assert_silent(fork, user, server.address)


def use_command_line(shell: Shell) -> None:
    shell.folder.joinpath(".gitignore").write_text("filled.env\n")
    shell.folder.joinpath("access.log").touch()
    shell.folder.joinpath(".aider.conf.yml").touch()
    # An agent of the machine's user would be asked for its version, and might connect to anything.
    alone = shell.having(PATH=str(Path(TOKENWARD).parent))
    # Samples of all rules are scanned once; the rest is about verbs, which hundreds of files would only make slow.
    samples = shell.folder / "all"
    for arguments, given, code in COMMANDS:
        if "all" in arguments:
            plant_samples(samples, every=2)
        done = (alone if arguments[0] == "agents" else shell)(*arguments, stdin=given)
        # Where programs may type into terminals, `doctor` asks for a change of the machine.
        is_warned = arguments[0] == "doctor" and is_terminal_open()
        assert done.code == (code or int(is_warned)), (arguments, done.code, done.err)
        if arguments == ["scan", "--format", "json"]:
            shell.folder.joinpath("report.json").write_bytes(done.out)
        elif "all" in arguments:
            shutil.rmtree(samples)
    with shell.terminal("shell", "--mask") as terminal:
        terminal.type("cat plain.env; exit 3\n")
        assert terminal.end() == 3, terminal.shown
    for arguments, answer, code in ANSWERED:
        with shell.terminal(*arguments) as terminal:
            terminal.expect("[y/N]")
            terminal.type(answer)
            assert terminal.end() == code, (arguments, terminal.shown)
    watch(shell)


def watch(shell: Shell) -> None:
    """Run `scan --watch` until it reports a new token."""
    with subprocess.Popen(
        [TOKENWARD, "scan", "--watch"], cwd=shell.folder, env=dict(shell.environment), stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline()
            shell.folder.joinpath("new.env").write_text(f"A={tokens.npm('watched')}\n")
            while b"new.env" not in (line := process.stdout.readline()):
                assert line
        finally:
            process.kill()


def test_an_encrypted_file_connects_to_nothing(absent: dict[str, str], folder: Path) -> None:
    assert watched(lambda: use_encrypted_file(Shell(absent, folder)), absent).refused == []


def use_encrypted_file(bare: Shell) -> None:
    assert bare("get", "TOKEN").code == 2
    shell = bare.having(TOKENWARD_VAULT_PASSPHRASE="correct horse")
    assert shell("vault", "init", "--file").code == 0
    shell.put("TOKEN", tokens.github("sealed"))
    assert shell.get("TOKEN") == tokens.github("sealed")


def test_every_verb_is_run_here() -> None:
    """A new verb fails until it is in a table above."""
    run = {arguments[0] for arguments, _, _ in [*COMMANDS, *ANSWERED]}
    assert run - {"--version"} == set(VERBS) - ELSEWHERE


def test_every_format_is_written_here() -> None:
    (option,) = (option for option in load_verb("scan").params if "--format" in option.opts)
    assert list(option.type.choices) == FORMATS


@pytest.mark.parametrize("verb", ["check", "revoke"])
def test_what_its_user_says_yes_to_is_seen(absent: dict[str, str], folder: Path, verb: str) -> None:
    """This proves that the tests above do not pass only because nothing can be seen."""
    shell = Shell(absent, folder)
    with provider.provider() as site:
        rules, settings = folder / "rules.yml", Path(absent["HOME"], ".config", "tokenward", "config.toml")
        rules.write_text(site.rules())
        settings.parent.mkdir(parents=True)
        settings.write_text(f"rule-files = ['{rules}']\n")
        shell.write_env(f"ACME={provider.token()}")
        seen = watched(lambda: shell(verb, ".env", "--yes", "--host", site.host), absent).refused
        assert seen
        assert all(attempt.endswith(": socket of AF_INET") for attempt in seen), seen
        assert site.requests == []


NATIVE = """
import sys
from kingfisher_sdk.rules import Rules
from kingfisher_sdk.scanner import DetectionPolicy, Scanner
from kingfisher_sdk.validation import Validator
policy = DetectionPolicy(inline_ignores=False, base64_max_depth=0)
scanner = Scanner(Rules(sys.argv[1:], builtins=False, confidence="low"), base64=False, policy=policy)
Validator(allow_internal_ips=True).validate(scanner.scan(sys.stdin.buffer.read()))
"""


@pytest.mark.parametrize(
    ("program", "seen"),
    [
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "socket of AF_INET"),
        ("import socket; socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)", "socket of AF_INET6"),
        ("import socket; socket.getaddrinfo('tokens.example.com', 443)", "socket of AF_INET"),
        ("import socket; socket.socket(socket.AF_UNIX).connect('/tmp/agent')", "connect to /tmp/agent"),
        ("import os; os.system('git ls-remote git://127.0.0.1:9/a')", "socket of AF_INET"),
        ("import ctypes; ctypes.CDLL(None).syscall(425, 8, None)", "io_uring"),
        (NATIVE, "socket of AF_INET"),
    ],
    ids=["connection", "datagram", "name", "local agent", "another program", "ring", "engine"],
)
def test_a_planted_attempt_is_seen(tmp_path: Path, program: str, seen: str) -> None:
    rules = tmp_path / "rules.yml"
    rules.write_text(provider.Provider(port=9).rules())
    command = [sys.executable, "-c", program, str(rules)]
    given = provider.token().encode()
    tried = witnessed(lambda: subprocess.run(command, input=given, capture_output=True, check=False))
    assert [attempt for attempt in tried.refused if attempt.endswith(f": {seen}")]
