"""Starts a command whose output the daemon masks; the standard library alone, so that it starts at once.

The command writes to pipes. The daemon gets their other ends, with our streams, and says that it is ready; then we
start the command, say when it has ended, and wait until the daemon has passed everything on.
"""

from __future__ import annotations

import os
import sys

from tokenward import core_dumps, thin_client

BROKEN_OFF = 70
"""The exit code if the output can no longer be passed on (EX_SOFTWARE of sysexits.h)."""
NOT_EXECUTABLE = 126
ENDED = b"."
_BROKEN = b"tokenward: The output could not be masked, so the rest was withheld; please report this.\n"
_TERMINATE = 15
_PASSED_ON = ("SIGINT", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGTERM", "SIGHUP")


def run_masked(words: list[str]) -> int | None:
    """Run the command of `exec --mask -- COMMAND` and return its exit code; None if no daemon masks its output."""
    is_shown = any(map(os.isatty, (0, 1, 2)))
    if is_shown or not os.access(words[3], os.X_OK) or getattr(sys, "frozen", False):
        return None
    connection = thin_client.connected(thin_client.HOOKS_DAEMON)
    if connection is None:
        return None
    # One pipe keeps the order of output and errors.
    targets = [1] if os.path.sameopenfile(1, 2) else [1, 2]
    pipes = [os.pipe() for _ in targets]
    try:
        given = [
            end for (reading, _), target in zip(pipes, targets, strict=True) for end in (reading, target)
        ]
        if not _is_taken(connection, words, given):
            return None
        status = _run(words[3:], pipes, connection)
        code = os.waitstatus_to_exitcode(status)
        return (code if code >= 0 else 128 - code) if _is_passed_on(connection) else BROKEN_OFF
    finally:
        connection.close()


def _is_taken(connection, words: list[str], given: list[int]) -> bool:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Return whether the daemon masks what comes from these pipes for these streams."""
    import _socket  # noqa: PLC0415 - `socket` takes three times as long to load

    message = thin_client.packed([b"\0".join(map(os.fsencode, words)), b""])
    rights = b"".join(one.to_bytes(4, sys.byteorder) for one in given)
    try:
        sent = connection.sendmsg([message], [(_socket.SOL_SOCKET, _socket.SCM_RIGHTS, rights)])
        connection.sendall(message[sent:])
        if connection.recv(1) != thin_client.READY:
            return False
        connection.settimeout(None)
    except OSError:
        return False
    return True


def _is_passed_on(connection) -> bool:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Say that the command has ended, and return whether all that it printed is passed on."""
    try:
        connection.sendall(ENDED)
        if connection.recv(1) == thin_client.READY:
            return True
    except OSError:
        pass
    thin_client.write_all(2, _BROKEN)
    return False


def _run(command: list[str], pipes: list[tuple[int, int]], connection) -> int:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Run a command that writes to one pipe or two, and return the status from `waitpid`."""
    import _signal  # type: ignore[import-not-found] # noqa: PLC0415 - `signal` takes a while to load

    child = 0

    def pass_on(number: int, _: object) -> None:
        try:
            if not child:
                # Only programs that the command left behind are running, which are not waited for.
                connection.sendall(ENDED)
            elif number not in (_signal.SIGINT, _signal.SIGQUIT) or not is_sent_to_all():
                os.kill(child, number)
        except OSError:
            pass

    numbers = [getattr(_signal, name) for name in _PASSED_ON]
    caught = [number for number in numbers if _signal.getsignal(number) != _signal.SIG_IGN]
    # One that comes before the command is known waits.
    before = _signal.pthread_sigmask(_signal.SIG_BLOCK, caught)
    _signal.signal(_signal.SIGCHLD, _signal.SIG_DFL)
    for number in caught:
        _signal.signal(number, pass_on)
    child = os.fork()
    if child == 0:
        for number in caught:
            _signal.signal(number, _signal.SIG_DFL)
    _signal.pthread_sigmask(_signal.SIG_SETMASK, before)
    if child == 0:
        _become(command, [writing for _, writing in pipes])
    for pipe in pipes:
        for end in pipe:
            os.close(end)
    status = _waited(child, connection)
    child = 0
    return status


def _waited(child: int, connection) -> int:  # type: ignore[no-untyped-def] # noqa: ANN001
    """Return the status of a command once it has ended, or 0 at once if its output is no longer passed on."""
    import select  # noqa: PLC0415 - a module of C

    handle = os.pidfd_open(child)
    if handle in select.select([handle, connection], [], [])[0]:
        return os.waitpid(child, 0)[1]
    # It may ignore that, and is not waited for.
    os.kill(child, _TERMINATE)
    return 0


def is_sent_to_all() -> bool:
    """Return whether a key in the terminal sent a signal, which the command then also received."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _become(command: list[str], outputs: list[int]) -> None:
    """Replace this process with the command, with the variables that this one was started with."""
    try:
        os.dup2(outputs[0], 1)
        os.dup2(outputs[-1], 2)
        core_dumps.allow_again()
        variables = dict(os.environb)
        with open("/proc/self/environ", "rb") as started_with:  # noqa: PTH123
            # Python sets it for its children in the C locale (PEP 538).
            if b"\0LC_CTYPE=" not in b"\0" + started_with.read():
                variables.pop(b"LC_CTYPE", None)
        thin_client.become(command[0], command, variables)
    except OSError as error:
        text = f"tokenward: {command[0]} cannot be started ({error.strerror}); check its permissions.\n"
        thin_client.write_all(2, text.encode("utf-8", "surrogateescape"))
    finally:
        os._exit(NOT_EXECUTABLE)
