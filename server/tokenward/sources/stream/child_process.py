"""Starts a command whose output we read, through pipes or at its own terminal. POSIX only."""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import struct
import termios
import tty
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import NamedTuple, NoReturn

from tokenward import core_dumps
from tokenward.errors import NotStarted

_SIZE = "4H"
"""A terminal's size in the system's form: rows, columns, and both in pixels."""


class Terminal(NamedTuple):
    """Both ends of a pseudo-terminal.

    Attributes:
        ours: our end; text written to it is typed, and text read from it was shown.
        theirs: the command's end.
    """

    ours: int
    theirs: int


def open_terminal(like: int) -> Terminal:
    """Open a pseudo-terminal with the size and modes of another terminal.

    Raises:
        OSError: the system has none left.
    """
    terminal = Terminal(*os.openpty())
    termios.tcsetattr(terminal.theirs, termios.TCSANOW, termios.tcgetattr(like))
    copy_size(like, terminal.theirs)
    os.set_blocking(terminal.ours, False)
    return terminal


def copy_size(source: int, target: int) -> int:
    """Give a terminal another one's size, and return its columns, 0 if unknown."""
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
        arguments: its arguments, starting with its own name.
        environment: its whole environment.
        streams: the descriptors to replace, and their replacements; it inherits the rest.
        is_session: it gets its own session, whose terminal is its stdin.

    Raises:
        NotStarted: the system could not start it.
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
    """Become the command, or report why that is impossible; nothing else of our process runs here."""
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
    # A script without an interpreter line, which execvp and every shell run like this.
    script = [b"sh", os.fsencode(program), *arguments[1:]]
    os.execve("/bin/sh", script, environment)  # noqa: S606


def send(pid: int, number: int) -> None:
    """Send a signal to a process, which may have ended."""
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def exit_code(status: int) -> int:
    """Return the exit code that shells report: 128 and the signal's number if a signal ended the process."""
    code = os.waitstatus_to_exitcode(status)
    return 128 - code if code < 0 else code


@contextmanager
def raw_terminal(descriptor: int) -> Iterator[None]:
    """Let a terminal pass on each key as it is typed, and show nothing by itself, until the block ends."""
    modes = termios.tcgetattr(descriptor)
    tty.setraw(descriptor, termios.TCSADRAIN)
    try:
        yield
    finally:
        # The terminal may no longer exist.
        with suppress(OSError, termios.error):
            termios.tcsetattr(descriptor, termios.TCSADRAIN, modes)
