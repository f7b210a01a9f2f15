"""Starting a command whose output is read by us: by pipes, or at a terminal of its own. POSIX alone."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import struct
import termios
import tty
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, NoReturn

from tokenward.sources.walk import core_dumps

_SIZE = "4H"
"""A terminal's size as the system has it: rows, columns, and both in pixels."""


class NotStarted(OSError):
    """The system does not start a command."""


class Terminal(NamedTuple):
    """Both ends of a pseudo-terminal.

    Attributes:
        ours: what is written to it is typed, what is read from it was shown.
        theirs: the command's.
    """

    ours: int
    theirs: int


def open_terminal(like: int) -> Terminal:
    """Open a pseudo-terminal with the size and modes of another terminal.

    Raises:
        OSError: the system has none to give.
    """
    terminal = Terminal(*os.openpty())
    termios.tcsetattr(terminal.theirs, termios.TCSANOW, termios.tcgetattr(like))
    copy_size(like, terminal.theirs)
    os.set_blocking(terminal.ours, False)
    return terminal


def copy_size(source: int, target: int) -> int:
    """Give a terminal another one's size; return its columns, 0 if unknown."""
    try:
        size = fcntl.ioctl(source, termios.TIOCGWINSZ, bytes(struct.calcsize(_SIZE)))
        fcntl.ioctl(target, termios.TIOCSWINSZ, size)
    except OSError:
        return 0
    return int(struct.unpack(_SIZE, size)[1])


def start(
    program: str,
    arguments: Sequence[bytes],
    environment: Mapping[bytes, bytes],
    streams: Mapping[int, int],
    *,
    is_session: bool,
) -> int:
    """Start a command and return its process id.

    Args:
        program: its path.
        arguments: all of them, its own name first.
        environment: all of it.
        streams: which descriptors it gets as which; the rest it has from us.
        is_session: it gets a session of its own, whose terminal is its stdin.

    Raises:
        NotStarted: the system says why.
    """
    report, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(program, arguments, environment, streams, theirs, is_session=is_session)
    os.close(theirs)
    with open(report, "rb") as file:  # noqa: PTH123
        failure = file.read()
    if failure:
        os.waitpid(pid, 0)
        raise NotStarted(int(failure), os.strerror(int(failure)))
    return pid


def _become(
    program: str,
    arguments: Sequence[bytes],
    environment: Mapping[bytes, bytes],
    streams: Mapping[int, int],
    report: int,
    *,
    is_session: bool,
) -> NoReturn:
    """Become the command, or report why that is not possible; nothing else of our process runs here."""
    try:
        for target, source in streams.items():
            os.dup2(source, target)
        if is_session:
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        # Python ignores these, and an ignored signal stays ignored across exec.
        for name in ("SIGPIPE", "SIGXFSZ"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        core_dumps.allow_again()
        _execute(program, arguments, environment)
    except OSError as error:
        os.write(report, str(error.errno or errno.EINVAL).encode())
    finally:
        os._exit(127)


def _execute(program: str, arguments: Sequence[bytes], environment: Mapping[bytes, bytes]) -> NoReturn:
    try:
        os.execve(program, list(arguments), environment)  # noqa: S606
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script without a first line that names its interpreter: as execvp and every shell have it.
    script = [b"sh", os.fsencode(program), *arguments[1:]]
    os.execve("/bin/sh", script, environment)  # noqa: S606


def send(pid: int, number: int, *, to_group: bool = False) -> None:
    """Send a signal to a process that may have ended, or to its group."""
    with suppress(ProcessLookupError, PermissionError):
        (os.killpg if to_group else os.kill)(pid, number)


def exit_code(status: int) -> int:
    """Return the exit code that shells report: 128 and the signal's number if a signal ended the process."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


class RawTerminal:
    """While it is entered, a terminal gives every key as it is typed and shows nothing by itself."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._modes: list[Any] = []

    def __enter__(self) -> None:
        self._modes = termios.tcgetattr(self._descriptor)
        tty.setraw(self._descriptor, termios.TCSADRAIN)

    def __exit__(self, *_: object) -> None:
        # It may be gone.
        with suppress(OSError, termios.error):
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._modes)
