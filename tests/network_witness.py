"""Records each attempt of a child process, in any language, to open a connection; on Linux.

A seccomp filter stops the system calls by which a process can get a connection, refuses them and reports each to this
process. It needs no privilege, all descendants inherit it, and none of them can remove it.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import platform
import select
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

PATIENCE = 10.0
"""Seconds that descendants have to end after the work is done."""
NAME_SERVICE = "/var/run/nscd/socket"
"""The socket that the C library tries first for user names; it is never the only way to look up a host."""

_NO_NEW_PRIVILEGES, _SET_FILTER, _NEW_LISTENER = 38, 1, 8
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _TELL = 0x7FFF0000, 0x7FC00000
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
_FOREIGN_NUMBERS = 0x40000000
_RECEIVE, _ANSWER = 0xC0502100, 0xC0182101
_CONTINUE = 1
_NOTICE = struct.Struct("=QIIiIQ6Q")
_REPLY = struct.Struct("=QqiI")


@dataclass(frozen=True, slots=True)
class _Machine:
    """A machine's system call numbers that the filter checks."""

    architecture: int
    seccomp: int
    socket: int
    connect: int
    ring: int = 425
    """io_uring, which opens connections without any other call."""


_MACHINES = {
    "x86_64": _Machine(0xC000003E, seccomp=317, socket=41, connect=42),
    "aarch64": _Machine(0xC00000B7, seccomp=277, socket=198, connect=203),
}


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


@dataclass
class Witness:
    """The attempts under the filter of one listener, each as `COMMAND: CALL`."""

    listener: int
    allowed: Collection[str]
    permitted: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    def look(self, is_done: Callable[[], bool]) -> None:
        """Answer until the work is done, and its descendants have ended or had time to end."""
        poll = select.poll()
        poll.register(self.listener, select.POLLIN)
        deadline: float | None = None
        while deadline is None or time.monotonic() < deadline:
            events = poll.poll(50)
            if events and events[0][1] & select.POLLIN:
                self._answer_one()
            elif events:  # no process is left under the filter
                return
            if deadline is None and is_done():
                deadline = time.monotonic() + PATIENCE

    def _answer_one(self) -> None:
        import fcntl  # noqa: PLC0415 - not on Windows

        notice = bytearray(_NOTICE.size)
        # A process that was killed during its call needs no answer.
        with contextlib.suppress(FileNotFoundError):
            fcntl.ioctl(self.listener, _RECEIVE, notice)
            number, pid, _, call, architecture, _, *arguments = _NOTICE.unpack(notice)
            tried = _described(pid, call, architecture, arguments)
            may = tried in {f"connect to {place}" for place in self.allowed}
            (self.permitted if may else self.refused).append(f"{_command(pid)}: {tried}")
            answer = (0, _CONTINUE) if may else (-errno.EACCES, 0)
            fcntl.ioctl(self.listener, _ANSWER, bytearray(_REPLY.pack(number, 0, *answer)))


def witnessed(work: Callable[[], object], allowed: Collection[str] = ()) -> Witness:
    """Do some work and return the connections that it and its child processes tried to open.

    Args:
        work: runs on a thread of its own; the filter covers this thread and the processes that it starts.
        allowed: addresses of local sockets; one that begins with `@` is abstract.

    Raises:
        OSError: the filter cannot be installed here.
    """
    listening: Future[int] = Future()
    worked: Future[object] = Future()
    thread = threading.Thread(target=_under_filter, args=(work, listening, worked), daemon=True)
    thread.start()
    witness = Witness(listening.result(), allowed)
    try:
        witness.look(worked.done)
    finally:
        os.close(witness.listener)
    worked.result()
    return witness


def _under_filter(work: Callable[[], object], listening: Future[int], worked: Future[object]) -> None:
    _into(listening, _listener)
    if listening.exception() is None:
        _into(worked, work)


def _into(future: Future[Any], call: Callable[[], Any]) -> None:
    try:
        future.set_result(call())
    except BaseException as error:  # noqa: BLE001 - a failed assertion is one, and belongs to who waits
        future.set_exception(error)


def _listener() -> int:
    """Put this thread under the filter for good; return the descriptor that reports its attempts.

    Raises:
        OSError: the kernel or a sandbox does not allow it.
    """
    machine = _MACHINES[platform.machine()]
    system = ctypes.CDLL(None, use_errno=True)
    # Without this, only the superuser may set a filter.
    _checked(system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0))
    code = _filter(machine)
    program = _Program(len(code) // 8, code)
    arguments = (ctypes.c_long(machine.seccomp), _SET_FILTER, _NEW_LISTENER, ctypes.byref(program))
    return _checked(system.syscall(*arguments))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def _filter(machine: _Machine) -> bytes:
    """Return a filter for non-local sockets, each connect, io_uring, and calls by another system's numbers."""
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE),
        (_EQUAL, 0, 7, machine.architecture),
        (_LOAD, 0, 0, _NUMBER),
        (_AT_LEAST, 5, 0, _FOREIGN_NUMBERS),
        (_EQUAL, 4, 0, machine.ring),
        (_EQUAL, 3, 0, machine.connect),
        (_EQUAL, 0, 3, machine.socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT),
        (_EQUAL, 1, 0, socket.AF_UNIX),
        (_RETURN, 0, 0, _TELL),
        (_RETURN, 0, 0, _ALLOW),
    ]
    return b"".join(struct.pack("=HBBI", *step) for step in steps)


def _described(pid: int, call: int, architecture: int, arguments: list[int]) -> str:
    machine = _MACHINES[platform.machine()]
    if architecture != machine.architecture:
        return "a call by another architecture's numbers"
    if call == machine.socket:
        return f"socket of {_family(arguments[0] & 0xFFFFFFFF)}"
    if call == machine.connect:
        return f"connect to {_address(pid, arguments[1], arguments[2])}"
    return "io_uring" if call == machine.ring else f"system call {call}"


def _family(number: int) -> str:
    with contextlib.suppress(ValueError):
        return socket.AddressFamily(number).name
    return f"family {number}"


def _address(pid: int, place: int, length: int) -> str:
    """Return the address of a local socket, or the family of any other."""
    try:
        with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
            memory.seek(place)
            raw = memory.read(min(length, 128))
    except (OSError, OverflowError):
        return "what cannot be read"
    (family,) = struct.unpack_from("=H", raw.ljust(2, b"\0"))
    if family != socket.AF_UNIX:
        return _family(family)
    path = raw[2:]
    name = b"@" + path[1:] if path[:1] == b"\0" else path.partition(b"\0")[0]
    return os.fsdecode(name)


def _command(pid: int) -> str:
    with contextlib.suppress(OSError):
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).replace("\0", " ").strip()[:300]
    return "a process that has ended"


def why_not() -> str | None:
    """Return the reason why the filter cannot be installed here, or None if it can."""
    if sys.platform != "linux" or platform.machine() not in _MACHINES:
        return f"connections are witnessed by seccomp on {' and '.join(_MACHINES)} with Linux only"
    try:
        witnessed(lambda: None)
    except OSError as error:
        return f"seccomp does not report system calls here: {error.strerror}"
    return None
