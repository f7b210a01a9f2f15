"""Runs a command on Windows, with its output as it is or through filters. Windows only."""

from __future__ import annotations

import ctypes
import msvcrt
import os
import queue
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from ctypes import wintypes
from threading import Thread
from typing import IO

from tokenward.errors import NotStarted, TokenwardError
from tokenward.operations.programs import windows_start
from tokenward.operations.terminal.command import Command, CommandResult
from tokenward.operations.terminal.output_filter import FilterFactory, OutputFilter

assert sys.platform == "win32"  # noqa: S101 - so that mypy skips this module elsewhere

# From <winnt.h>.
_EXTENDED_LIMITS = 9
_BREAKAWAY_OK, _KILL_ON_CLOSE = 0x0800, 0x2000

_kernel = ctypes.WinDLL("kernel32")
_kernel.CreateJobObjectW.restype = wintypes.HANDLE
_kernel.GetCurrentProcess.restype = wintypes.HANDLE
_kernel.AssignProcessToJobObject.argtypes = [wintypes.HANDLE, wintypes.HANDLE]
_kernel.SetInformationJobObject.argtypes = [wintypes.HANDLE, ctypes.c_int, wintypes.LPVOID, wintypes.DWORD]


class _Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("times", wintypes.LARGE_INTEGER * 2),
        ("flags", wintypes.DWORD),
        ("working_set", ctypes.c_size_t * 2),
        ("processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("classes", wintypes.DWORD * 2),
        ("counters", ctypes.c_ulonglong * 6),
        ("memory", ctypes.c_size_t * 4),
    )


@contextmanager
def ended_with_us() -> Iterator[None]:
    """While entered, a process that we start ends if we are killed, with its own; one that it detaches does not.

    The processes join our job when they start, so there is no moment in between. Without rights for it, nothing
    happens.
    """
    job = _kernel.CreateJobObjectW(None, None)
    is_in = bool(job and _limit(job, _KILL_ON_CLOSE | _BREAKAWAY_OK))
    is_in = is_in and bool(_kernel.AssignProcessToJobObject(job, _kernel.GetCurrentProcess()))
    try:
        yield
    finally:
        # What the command left behind goes on, and so do we.
        if is_in:
            _limit(job, _BREAKAWAY_OK)


def _limit(job: int, flags: int) -> bool:
    limits = _Limits(flags=flags)
    return bool(
        _kernel.SetInformationJobObject(job, _EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits))
    )


_PORTION = 65_536
"""The most bytes that are read at once."""
_MOST_WAITING = 8
"""Portions that are read ahead of the filters."""
_INTERRUPTIBLE_SECONDS = 0.5
"""Ctrl-C does not interrupt a wait without a time limit."""

_Portion = tuple[int, bytes]
"""The number of a stream and its next bytes, empty at its end."""


def run_unfiltered(command: Command) -> CommandResult:
    """Run a command that shares our streams and our console.

    Raises:
        NotStarted: it cannot be started.
    """
    with ExitStack() as stack:
        return CommandResult(_started(stack, command).wait(), None)


def run_filtered(command: Command, filters: FilterFactory) -> CommandResult:
    """Run a command that writes to pipes, or to one if our two streams are the same, and pass that through filters.

    Raises:
        NotStarted: it cannot be started.
        Exception: its output can no longer be passed on; it was ended.
    """
    with ExitStack() as stack:
        errors = subprocess.STDOUT if _is_one_stream() else subprocess.PIPE
        process = _started(stack, command, subprocess.PIPE, errors)
        filter_for = stack.enter_context(filters())
        streams = {1: process.stdout, 2: process.stderr}
        targets = {number: filter_for(0) for number, stream in streams.items() if stream is not None}
        portions: queue.Queue[_Portion] = queue.Queue(_MOST_WAITING)
        for number, stream in streams.items():
            if stream is not None:
                Thread(target=_read_all, args=(number, stream, portions), daemon=True).start()
        try:
            _pass_on(targets, portions)
        except BaseException:
            process.kill()
            raise
        faults = (target.fault for target in targets.values())
        return CommandResult(process.wait(), next((fault for fault in faults if fault), None))


def _started(
    stack: ExitStack, command: Command, output: int | None = None, errors: int | None = None
) -> subprocess.Popen[bytes]:
    stack.enter_context(_interrupts_ignored())
    stack.enter_context(ended_with_us())
    stack.enter_context(command.around)
    try:
        arguments = [os.fsdecode(argument) for argument in command.arguments[1:]]
        executable, line = windows_start(command.program, arguments)
        environment = {_text(name): _text(value) for name, value in command.environment.items()}
        return subprocess.Popen(line, executable=executable, env=environment, stdout=output, stderr=errors)
    except OSError as error:
        raise NotStarted(error.errno, error.strerror) from None


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Let Ctrl-C reach the command alone, which is in our console group and decides how to react."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _read_all(number: int, stream: IO[bytes], portions: queue.Queue[_Portion]) -> None:
    data = b"-"
    while data:
        try:
            data = os.read(stream.fileno(), _PORTION)
        except OSError:
            data = b""
        portions.put((number, data))


def _pass_on(targets: dict[int, OutputFilter], portions: queue.Queue[_Portion]) -> None:
    """Pass on all output until the last stream ends."""
    # A command that started another with our pipe lets it go on writing, as elsewhere.
    while targets:
        now = time.monotonic()
        dues = [target.due - now for target in targets.values() if target.due is not None]
        seconds = max(0.0, min([*dues, _INTERRUPTIBLE_SECONDS]))
        try:
            number, data = portions.get(timeout=seconds)
        except queue.Empty:
            _flush_due(targets)
            continue
        if number not in targets:
            continue
        target = targets[number]
        is_open = bool(data) and _show(number, target.feed(data))
        if not is_open:
            _show(number, target.finish())
            del targets[number]


def _flush_due(targets: dict[int, OutputFilter]) -> None:
    now = time.monotonic()
    for number, target in targets.items():
        if target.due is not None and target.due <= now:
            _show(number, target.flush())


def _show(descriptor: int, pieces: Iterator[bytes]) -> bool:
    """Write all pieces; return False if the reader has ended."""
    can_write = True
    for piece in pieces:
        view = memoryview(piece)
        while can_write and view:
            try:
                view = view[os.write(descriptor, view) :]
            except OSError:
                can_write = False
    return can_write


def _is_one_stream() -> bool:
    """Return whether stdout and stderr are the same, or both the console; one pipe then keeps their order."""
    if os.isatty(1) and os.isatty(2):
        return True
    try:
        first, second = (ctypes.c_void_p(msvcrt.get_osfhandle(descriptor)) for descriptor in (1, 2))
    except OSError:
        return False
    return bool(ctypes.windll.kernelbase.CompareObjectHandles(first, second))


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise TokenwardError("A variable is not text, which Windows requires; remove it.") from None
