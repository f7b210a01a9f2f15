"""A crash leaves no value on the disk: processes that hold one cannot be dumped, but the user's own still can."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

import tokens
from cli_shell import PATIENCE, TOKENWARD, Shell
from starts import in_session

pytestmark = pytest.mark.usefixtures("own_interpreter")

UNLIMITED = ("sh", "-c", 'ulimit -c unlimited && exec "$0" "$@"')
TOKEN = tokens.github("core")


@pytest.fixture
def token(shell: Shell) -> Shell:
    """A workspace with a token, in which every process can be dumped."""
    shell.put("TOKEN", TOKEN)
    shell.write_env("TOKEN=keyring://acme-api/TOKEN")
    return replace(shell, before=UNLIMITED)


@contextmanager
def started(shell: Shell, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    process = in_session(
        [*shell.before, TOKENWARD, *arguments],
        shell.environment,
        shell.folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        yield process


def may_be_dumped(pid: int | str) -> bool:
    """Return whether the system writes a dump of more than one byte of a process."""
    for line in Path(f"/proc/{pid}/limits").read_text().splitlines():
        if line.startswith("Max core file size"):
            return line.split()[4] != "1"
    raise AssertionError


def wait_for(process: subprocess.Popen[bytes], text: bytes) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == text


MESSAGE = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"processId":null,"rootUri":null,"capabilities":{}}}'


@pytest.mark.slow
def test_an_aborted_server_leaves_no_core_dump(token: Shell) -> None:
    with started(token, "server") as process:
        assert process.stdin is not None
        process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(MESSAGE), MESSAGE))
        process.stdin.flush()
        assert process.stdout is not None
        assert process.stdout.readline().startswith(b"Content-")
        assert not may_be_dumped(process.pid)
        process.send_signal(signal.SIGABRT)
        assert process.wait(PATIENCE) == -signal.SIGABRT
    assert not list(token.folder.glob("core*"))


@pytest.mark.parametrize("verb", [("run", "--mask"), ("exec",)])
def test_an_aborted_parent_of_a_command_leaves_no_core_dump(token: Shell, verb: tuple[str, ...]) -> None:
    with started(token, *verb, "--", "sh", "-c", "echo ready; read line") as process:
        wait_for(process, b"ready\n")
        assert not may_be_dumped(process.pid)
        process.send_signal(signal.SIGABRT)
        assert process.wait(PATIENCE) == -signal.SIGABRT
    assert not list(token.folder.glob("core*"))


@pytest.mark.slow
@pytest.mark.parametrize("verb", [("run", "--mask"), ("run", "--no-mask"), ("exec",)])
def test_a_started_command_has_the_limit_of_its_user(token: Shell, verb: tuple[str, ...]) -> None:
    assert token(*verb, "--", "sh", "-c", "ulimit -Sc; ulimit -Hc").text == "unlimited\nunlimited\n"
    few = replace(token, before=("sh", "-c", 'ulimit -Sc 8 && exec "$0" "$@"'))
    assert few(*verb, "--", "sh", "-c", "ulimit -Sc").text == "8\n"
