"""A fork of `tokenward` is what a started one is."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cli_shell import TOKENWARD
from fork_server import ForkServer

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="nothing is forked elsewhere")

PROBE = (
    "import os, resource, signal\n"
    "signals = [signal.getsignal(number) for number in signal.valid_signals()]\n"
    "print(os.getcwd(), os.umask(0), sorted(os.environ.items()), os.listdir('/proc/self/fd'))\n"
    "print(signals, signal.pthread_sigmask(0, []), resource.getrlimit(resource.RLIMIT_CORE))\n"
    "print(os.getsid(0) == os.getppid(), open(f'/proc/{os.getppid()}/comm').read())\n"
    "print(open(f'/proc/{os.getppid()}/stat').read().rpartition(')')[2].split()[1])\n"
    "raise SystemExit(7)\n"
)


@pytest.mark.usefixtures("own_interpreter")
@pytest.mark.parametrize("own_session", [True, False])
def test_a_fork_has_all_that_a_started_process_has(
    absent: dict[str, str], folder: Path, fork_server: ForkServer | None, own_session: bool
) -> None:
    if fork_server is None:
        pytest.skip("the long tests fork nothing")

    def run(*arguments: str) -> tuple[int, bytes, bytes]:
        done = subprocess.run(
            [TOKENWARD, *arguments],
            input=b"given",
            capture_output=True,
            check=False,
            env={**absent, "A": "1"},
            cwd=folder,
            start_new_session=own_session,
        )
        return done.returncode, done.stdout, done.stderr

    before = os.umask(0o027)
    try:
        for command in (("run", "--", sys.executable, "-c", PROBE), ("get", "NONE"), ("redact",), ("no",)):
            started = run(*command)
            with fork_server.in_popen():
                assert run(*command) == started
    finally:
        os.umask(before)


@pytest.mark.parametrize("is_forked", [True, False])
def test_other_processes_see_the_environment(
    absent: dict[str, str], folder: Path, fork_server: ForkServer | None, is_forked: bool
) -> None:
    environment = {**absent, "CLAUDECODE": "1", "LONG": "x" * (1_000 if is_forked else 60_000)}
    with subprocess.Popen(
        [TOKENWARD, "redact"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=folder
    ) as process:
        process.stdin.write(b"a line\n")
        process.stdin.flush()
        assert process.stdout.readline() == b"a line\n"
        shown = Path(f"/proc/{process.pid}/environ").read_text().rstrip("\0").split("\0")
        arguments = Path(f"/proc/{process.pid}/cmdline").read_text().split("\0")
        process.communicate()
    assert {*shown} == {f"{name}={value}" for name, value in environment.items()}
    assert ("fork_server.py" in arguments[1]) == (is_forked and fork_server is not None)
