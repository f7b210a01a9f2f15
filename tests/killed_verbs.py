"""A `tokenward` that SIGKILL ends at any step of a whole command, for tests of the state that remains.

Each line of stdin is `STEP FOLDER ARGUMENTS…`, tab-separated; `FOLDER/given` is the command's stdin and `FOLDER/out`
its output. The answer is the exit code, -9 for killed. Steps are as in `killed`; becoming another program is one too.
Those of `leave` count from when a person agreed, because it changes nothing before.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from killed import is_change
from tokenward.cli.app import app_for
from tokenward.cli.main import main as tokenward_main
from tokenward.operations.leave.leaving import Leaving


def serve(rules: str = "", address: str = "") -> None:
    """Serve stdin; with the rules and the address of a fork server, everything is loaded once."""
    app_for([])
    if address:
        from fork_server import load  # noqa: PLC0415 - not on Windows

        load(Path(rules), address)
    for line in sys.stdin:
        step, folder, *arguments = line.rstrip("\n").split("\t")
        child = os.fork()
        if child == 0:
            run(int(step), Path(folder), arguments)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def run(step: int, folder: Path, arguments: list[str]) -> NoReturn:
    """Run `tokenward ARGUMENTS…` in this process, killed before its change number `step`; never for 0."""
    left = step

    def count(_: object, event: str, called: object) -> None:
        nonlocal left
        if event == "c_call" and (is_change(called) or getattr(called, "__name__", "") == "execve"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    os.chdir(folder)
    given, out = os.open("given", os.O_RDONLY), os.open("out", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor, standard in ((given, 0), (out, 1), (out, 2)):
        os.dup2(descriptor, standard)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the parent's was read ahead
    sys.argv[1:] = arguments
    if arguments[0] == "leave":
        restore = Leaving.restore

        def watched(leaving: Leaving) -> Iterator[Path]:
            sys.setprofile(count)
            return restore(leaving)

        Leaving.restore = watched  # type: ignore[assignment,method-assign]
    else:
        sys.setprofile(count)
    tokenward_main()
    sys.exit(0)


if __name__ == "__main__":
    serve(*sys.argv[1:])
