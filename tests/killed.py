"""A `tokenward` that SIGKILL ends in the middle of a move, for tests of the state that remains.

Each line of stdin is `STEP ARGUMENTS…`, tab-separated, with the current folder as the first argument. It runs in a
process of its own, forked from this one, which has everything loaded; the answer is the exit code, -9 for killed. A
step is any system call by which a move could change something that others see. The product needs no hooks for this.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import NoReturn

import tokenward.operations.files.disk_editor  # noqa: F401
from tokenward.cli.app import app_for
from tokenward.cli.main import main as tokenward_main
from tokenward.operations.move import move_file

SYSTEM = {
    *(
        "chmod",
        "fchmod",
        "fchown",
        "fork_exec",
        "fsync",
        "link",
        "mkdir",
        "open",
        "rename",
        "replace",
        "rmdir",
        "setxattr",
        "unlink",
        "write",
    ),
}
STREAMS = {"execute", "flush"}
"""Methods of databases, files and pipes; others see written data once it is flushed."""


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
            os.chdir(folder)
            run(int(step), arguments)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def run(step: int, arguments: list[str]) -> NoReturn:
    """Run `tokenward ARGUMENTS…` in this process, killed before the move's change number `step`."""
    left = step

    def count(_: object, event: str, called: object) -> None:
        nonlocal left
        if event == "c_call" and is_change(called):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    carry_out = move_file.move_file

    def watched(*given: object) -> object:
        sys.setprofile(count)
        try:
            return [*carry_out(*given)]  # type: ignore[arg-type]
        finally:
            sys.setprofile(None)

    move_file.move_file = watched  # type: ignore[assignment]
    sys.argv[1:] = arguments
    tokenward_main()


def is_change(called: object) -> bool:
    name, module = getattr(called, "__name__", ""), getattr(called, "__module__", "")
    if module in ("posix", "nt", "fcntl", "_posixsubprocess"):
        return name in SYSTEM
    return name in STREAMS and type(getattr(called, "__self__", None)).__module__ in ("sqlite3", "_io")


if __name__ == "__main__":
    serve(*sys.argv[1:])
