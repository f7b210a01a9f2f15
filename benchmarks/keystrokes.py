"""Time from a key to its echo in a shell: at a plain terminal, behind a relay without a scanner, and behind Tokenward.

    python benchmarks/keystrokes.py [--keys 1500] [--shell bash]

The sessions are open at the same time and take turns, key by key, so that load on the machine affects all of them.
Keys come at the pace of a fast typist and form words, none of which could be the start of a token.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import platform
import pty
import random
import select
import shutil
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time
from collections.abc import Iterator
from pathlib import Path

from tokenward.operations.terminal.output_filter import OutputFilter

PROMPT = b"ready> "
TEXT = "git commit -m 'make the parser faster' "
ROWS, COLUMNS = 50, 160
LONGEST_WAIT = 60.0


class Session:
    """A shell at a terminal, and the echo time of each key in seconds."""

    def __init__(self, name: str, command: list[str], environment: dict[str, str], folder: str) -> None:
        self.name = name
        self.times: list[float] = []
        self._text = _endless(TEXT)
        self._count = 0
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.chdir(folder)
            os.execvpe(command[0], command, environment)
        fcntl.ioctl(self.terminal, termios.TIOCSWINSZ, struct.pack("4H", ROWS, COLUMNS, 0, 0))
        self.read_until(PROMPT)

    def read_until(self, wanted: bytes) -> None:
        seen = b""
        while wanted not in seen:
            if not select.select([self.terminal], [], [], LONGEST_WAIT)[0]:
                raise TimeoutError(f"{self.name}: {seen!r}")
            seen += os.read(self.terminal, 65536)

    def press(self) -> None:
        """Type a key and measure its echo; start a new line when one grows long."""
        self._count += 1
        if self._count % 100 == 0:
            os.write(self.terminal, b"\x15")
            time.sleep(0.05)
            while select.select([self.terminal], [], [], 0.05)[0]:
                os.read(self.terminal, 65536)
        key = next(self._text).encode()
        start = time.perf_counter()
        os.write(self.terminal, key)
        self.read_until(key)
        self.times.append(time.perf_counter() - start)

    def close(self) -> None:
        os.kill(self.pid, signal.SIGHUP)
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def _endless(text: str) -> Iterator[str]:
    while True:
        yield from text


class _Nothing(OutputFilter):
    """A filter that changes nothing."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield data

    def flush(self) -> Iterator[bytes]:
        yield b""

    def finish(self) -> Iterator[bytes]:
        yield b""


def relay(command: list[str]) -> None:
    """Run a command behind Tokenward's relay, without a scanner."""
    from tokenward.operations.terminal.posix_command import caught_signals  # noqa: PLC0415
    from tokenward.operations.terminal.relay import Channel, TerminalRelay  # noqa: PLC0415
    from tokenward.sources.stream.child_process import open_terminal, raw_terminal, start  # noqa: PLC0415

    with caught_signals() as signals:
        terminal = open_terminal(0)
        streams = dict.fromkeys(range(3), terminal.theirs)
        program = shutil.which(command[0]) or command[0]
        pid = start(program, [word.encode() for word in command], dict(os.environb), streams, is_session=True)
        os.close(terminal.theirs)
        with raw_terminal(0):
            channels = [Channel(terminal.ours, 1, _Nothing(0))]
            TerminalRelay(pid, channels, signals, terminal.ours, is_shell=True).run()


def measure(shell: list[str], keys: int) -> list[Session]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder, "inputrc")
        settings.write_text("set enable-bracketed-paste off\n")
        own = {
            "HOME": folder,
            "PS1": PROMPT.decode(),
            "INPUTRC": str(settings),
            "TERM": "xterm",
            "HISTFILE": "",
        }
        environment = {**os.environ, **own}
        tokenward = [sys.executable, "-m", "tokenward.cli", "exec"]
        commands = {
            "the terminal alone": shell,
            "a relay without a scanner": [sys.executable, __file__, "--relay", *shell],
            "tokenward": [*tokenward, "--", *shell],
            "tokenward --mask": [*tokenward, "--mask", "--", *shell],
        }
        # The first session compiles the rules, and cannot end before that is done.
        subprocess.run([*tokenward, "true"], env=environment, cwd=folder, check=True)
        sessions = [Session(name, command, environment, folder) for name, command in commands.items()]
        pace = random.Random(1)
        for _ in range(keys):
            for session in sessions:
                session.press()
                time.sleep(pace.uniform(0.005, 0.03))
        for session in sessions:
            session.close()
    return sessions


def report(sessions: list[Session]) -> None:
    print(f"{_machine()}, Python {platform.python_version()}, {len(sessions[0].times)} keys each\n")
    print(f"{'milliseconds from key to echo':32}{'p50':>8}{'p99':>8}{'most':>8}")
    for session in sessions:
        cuts = statistics.quantiles(session.times, n=100)
        row = (cuts[49], cuts[98], max(session.times))
        print(f"{session.name:32}" + "".join(f"{1000 * value:8.2f}" for value in row))


def _machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} x {models[0] if models else 'CPU'}"


def main() -> None:
    if sys.argv[1:2] == ["--relay"]:
        relay(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keys", type=int, default=1500)
    parser.add_argument("--shell", default="bash")
    options = parser.parse_args()
    arguments = ["--norc", "--noprofile", "-i"] if Path(options.shell).name == "bash" else ["-i"]
    report(measure([options.shell, *arguments], options.keys))


if __name__ == "__main__":
    main()
