"""The daemon for scans: it prints what the command would, finds no value for anybody, and serves no agent."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import tokens
from cli.daemon.test_daemon import Answer, asked, by_program, listener_of, wait_for
from cli_shell import TOKENWARD, Shell
from git_tree import git
from tokenward import thin_client
from tokenward.cli.scan import scan_run
from tokenward.custody.callers.asker import LeftToCommand
from tokenward.operations.scan.file_scan import ScannedFile

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="the daemon exists on Linux only"),
    pytest.mark.usefixtures("own_interpreter"),
]
JSON = ("--format", "json")
SERVED = [
    ["scan", "--staged"],
    ["scan", "--staged", "staged.py"],
    ["scan", "--format", "lines", "unstaged.py", "clean.py"],
    ["scan", "--no-cache", "--", "clean.py"],
]
LEFT = [
    ["scan"],
    ["scan", "."],
    ["scan", "--format", "json"],
    ["scan", "missing.py"],
    ["scan", "--staged", "--history"],
    ["scan", "--stdin"],
    ["scan", "--baseline", "clean.py"],
    ["scan", "--staged", "--format", "unknown"],
    ["get", "TOKEN"],
    ["credential", "headers", "A: keyring://acme-api/TOKEN"],
    ["agents", "hook", "claude-code"],
]


@pytest.fixture
def shell(bare_shell: Shell) -> Shell:
    folder = bare_shell.folder
    git(folder, "init", "-q")
    for name in ("staged.py", "unstaged.py"):
        (folder / name).write_text(f"t = '{tokens.github(name)}'\n")
    (folder / "clean.py").write_text("t = 1\n")
    git(folder, "add", "staged.py", "clean.py")
    return bare_shell.having(TOKENWARD_DAEMON="on")


@pytest.fixture
def served(shell: Shell) -> Iterator[Shell]:
    command = [sys.executable, *thin_client.SCANS_DAEMON]
    with subprocess.Popen(command, env=dict(shell.environment), cwd="/") as process:
        folder = Path(shell.environment["XDG_RUNTIME_DIR"], "tokenward")
        wait_for(lambda: process.pid in map(listener_of, folder.glob("scans-*.sock")))
        yield shell
        process.kill()


def by_daemon(shell: Shell, words: list[str]) -> Answer:
    return asked(shell, *words, which="scans")


def test_an_answer_is_what_the_program_prints(served: Shell) -> None:
    for words in SERVED:
        assert thin_client.is_scan(words) or "staged.py" in words or "clean.py" in words
        answer = by_daemon(served, words)
        done = by_program(served, words, b"")
        assert answer is not None, words
        assert (answer[0], untimed(str(answer[1])), answer[2]) == (done.code, untimed(done.text), done.err), (
            words
        )


def untimed(report: str) -> str:
    return report.rpartition(",")[0]


def test_everything_else_and_what_an_agent_asks_is_left_to_the_program(served: Shell) -> None:
    for words in LEFT:
        assert by_daemon(served, words) is None, words
    assert by_daemon(served.having(CLAUDECODE="1"), SERVED[0]) is None


def test_the_command_says_the_same_with_and_without_it(served: Shell) -> None:
    with_it = served("scan", "--staged")
    folder = Path(served.environment["XDG_RUNTIME_DIR"], "tokenward")
    for path in folder.glob("scans-*.sock"):
        os.kill(listener_of(path), signal.SIGSTOP)
    without = served("scan", "--staged")
    assert (with_it.code, untimed(with_it.text), with_it.err) == (
        without.code,
        untimed(without.text),
        without.err,
    )
    assert with_it.code == 1


def test_no_agent_starts_it(shell: Shell) -> None:
    done = shell.having(CLAUDECODE="1")("daemon", "--serve", "--scans")
    assert (done.code, "Only a person" in done.err) == (2, True)


def test_a_scan_by_a_person_at_a_terminal_starts_it(shell: Shell, rules_home: Path) -> None:
    # The daemon takes no variable that names another cache.
    shutil.copytree(rules_home, Path(shell.environment["HOME"], ".cache"), dirs_exist_ok=True)
    with shell.terminal(command=(TOKENWARD, "scan", "--staged")) as terminal:
        terminal.expect("1 token")
        terminal.end()
    folder = Path(shell.environment["XDG_RUNTIME_DIR"], "tokenward")
    wait_for(lambda: any(map(listener_of, folder.glob("scans-*.sock"))))
    (pid,) = map(listener_of, folder.glob("scans-*.sock"))
    os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("files", "size"), [(scan_run.MOST_FILES + 1, 1), (1, scan_run.MOST_BYTES + 1)])
def test_a_large_scan_is_left_to_the_command(files: int, size: int) -> None:
    results = iter([ScannedFile("a.py", size, ())] * files)
    with pytest.raises(LeftToCommand):
        [*scan_run._few(results)]
