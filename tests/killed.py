"""A `tokenward` that SIGKILL ends at any step of a command, for tests of the state that remains.

A step is any system call by which a command could change something that others see, becoming another program included.
The steps of `move` are those of its transaction; those of `leave` count from when a person has agreed. The
product needs no hooks for this: the command runs in a fork of a process that, as a fork itself, has everything loaded.
"""

from __future__ import annotations

import atexit
import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, Any, NoReturn

from tokenward.cli.app import VERBS, load_verb
from tokenward.cli.main import main as tokenward_main
from tokenward.cli.verbs import move as move_verb
from tokenward.operations.leave.leaving import Leaving

KILLED = -9
"""The exit code of a process that SIGKILL ended, as subprocess gives it; Windows has no name for the signal."""
SYSTEM = {
    *("chmod", "fchmod", "fchown", "fork_exec", "fsync", "link", "mkdir", "mkfifo", "open"),
    *("rename", "replace", "rmdir", "setxattr", "unlink", "write", "execve"),
}
STREAMS = {"execute", "flush"}
"""Methods of databases, files and pipes; others see written data once it is flushed."""
_NAMES = SYSTEM | STREAMS
SENDING = {"flush", "fork_exec", "write"}
"""The steps that can make another process change something."""
BEGINNINGS: dict[str, tuple[Any, str]] = {
    "move": (move_verb, "move_file"),
    "leave": (Leaving, "restore"),
}
"""The generator with which counting begins, by verb; other commands count from their start."""


class Killer:
    """Runs `tokenward` in forks of one process, killed at a step."""

    def __init__(self, process: subprocess.Popen[str], folder: Path, environment: Mapping[str, str]) -> None:
        """Take a process that serves, a folder for what commands read and print, and their user's variables."""
        self._process, self._folder, self._environment = process, folder, dict(environment)
        self._code = 0

    def __call__(self, step: int, folder: Path, *arguments: str, stdin: str = "") -> int:
        """Run a command in a folder, killed before its change number `step`, never for 0; return its exit code."""
        self._folder.joinpath("stdin").write_text(stdin)
        requests, answers = _pipes(self._process)
        requests.write(
            json.dumps([step, str(self._folder), str(folder), self._environment, arguments]) + "\n"
        )
        requests.flush()
        code = int(answers.readline())
        if step:
            self._code = code
        return code

    @property
    def output(self) -> str:
        """Return what the last command printed, to both streams."""
        return self._folder.joinpath("output").read_text()

    def steps(self, first: int = 1, stride: int = 1) -> Iterator[int]:
        """Yield the steps to kill a command at, until it ends before; then it must have succeeded."""
        for step in itertools.count(first, stride):
            yield step
            # The last is that of a shell whose command was killed.
            if self._code not in (KILLED, 128 - KILLED):
                break
        assert self._code == 0, self.output


def _pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    assert process.stdin is not None
    assert process.stdout is not None
    return process.stdin, process.stdout


def kill_at(step: int, *folders: Path) -> Callable[..., None]:
    """Return a function for `sys.setprofile` that kills this process before its change number `step`.

    With folders, calls count as one change as long as no file below them has changed and nothing was sent to another
    process: a kill before any of these calls leaves the same state.
    """
    left, was_sent = step, True
    seen: object = None

    def count(_: object, event: str, called: Any) -> None:
        nonlocal left, seen, was_sent
        # Most calls end here, at the least that a name takes.
        if event != "c_call" or called.__name__ not in _NAMES or not _is_change(called):
            return
        state = list(_state(folders)) if folders else object()
        if was_sent or state != seen:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        seen, was_sent = state, getattr(called, "__name__", "") in SENDING

    return count


def _state(folders: Iterable[Path | str]) -> Iterator[tuple[str, int, int, int, int]]:
    for folder in folders:
        with contextlib.suppress(FileNotFoundError), os.scandir(folder) as found:
            for entry in sorted(found, key=lambda one: one.name):
                status = entry.stat(follow_symlinks=False)
                yield entry.path, status.st_ino, status.st_mode, status.st_size, status.st_mtime_ns
                if entry.is_dir(follow_symlinks=False):
                    yield from _state([entry.path])


def _is_change(called: object) -> bool:
    name, module = getattr(called, "__name__", ""), getattr(called, "__module__", "")
    if module in ("posix", "nt", "fcntl", "_posixsubprocess"):
        return name in SYSTEM
    return name in STREAMS and type(getattr(called, "__self__", None)).__module__ in ("sqlite3", "_io")


def serve() -> None:
    """Serve Killers at stdin."""
    for verb in VERBS:
        load_verb(verb)
    for line in sys.stdin:
        step, streams, folder, environment, arguments = json.loads(line)
        child = os.fork()
        if child == 0:
            os.environ.clear()
            os.environ.update(environment)
            tempfile.tempdir = None
            _run(step, Path(streams), folder, arguments)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _run(step: int, streams: Path, folder: str, arguments: list[str]) -> NoReturn:
    from fork_server import run_and_end  # noqa: PLC0415 - not on Windows

    given = os.open(streams / "stdin", os.O_RDONLY)
    output = os.open(streams / "output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for descriptor, standard in ((given, 0), (output, 1), (output, 2)):
        os.dup2(descriptor, standard)
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - the parent's was read ahead
    os.chdir(folder)
    sys.argv[1:] = arguments
    count = kill_at(step, Path(folder), Path.home(), Path(os.environ["XDG_RUNTIME_DIR"]))
    if step == 0:
        run_and_end(tokenward_main)
    if arguments[0] in BEGINNINGS:
        place, name = BEGINNINGS[arguments[0]]
        begin = getattr(place, name)

        def watched(*given: object) -> Iterator[Any]:
            sys.setprofile(count)
            yield from begin(*given)
            if arguments[0] == "move":
                sys.setprofile(None)

        setattr(place, name, watched)
    else:
        sys.setprofile(count)
    # Steps are those of the command, to its last function for the end.
    atexit.register(sys.setprofile, None)
    run_and_end(tokenward_main)


if __name__ == "__main__":
    serve()
