"""Resource use of a whole process, as the system reports it at its end.

Run as a program, this runs another one and prints its resource use. It is so small that its own memory, which the
process has before it becomes the other program, does not matter.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Timer

_MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


@dataclass(frozen=True)
class Run:
    """One run of a program.

    Attributes:
        wall: seconds from start to end.
        cpu: seconds of all its threads, and of the processes that it waited for.
        peak: bytes of memory of the largest of its processes.
        code: its exit code; negative if a signal ended it.
        was_stopped: whether it was stopped because it took too long.
    """

    wall: float
    cpu: float
    peak: int
    code: int
    was_stopped: bool


def run(
    command: Sequence[str | Path], output: Path, environment: Mapping[str, str], folder: Path, longest: float
) -> Run:
    """Run a program with its stdout in a file, and stop it when its time is over."""
    measured = subprocess.run(
        [sys.executable, "-S", __file__, str(longest), output, *command],
        env=environment,
        cwd=folder,
        check=True,
        capture_output=True,
    )
    return Run(**json.loads(measured.stdout))


def read_through(tree: Path) -> None:
    """Read every file, so that the next measurement does not wait for the disk."""
    for folder, _, names in os.walk(tree):
        for name in names:
            Path(folder, name).read_bytes()


def _measured(longest: float, output: str, command: Sequence[str]) -> Run:
    with Path(output).open("wb") as stdout:
        start = time.perf_counter()
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        # Include its children, which would otherwise continue.
        timer = Timer(longest, os.killpg, (process.pid, signal.SIGKILL))
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    cpu = usage.ru_utime + usage.ru_stime
    return Run(wall, cpu, usage.ru_maxrss * _MAXRSS_UNIT, process.returncode, wall >= longest)


if __name__ == "__main__":
    print(json.dumps(vars(_measured(float(sys.argv[1]), sys.argv[2], sys.argv[3:]))))
