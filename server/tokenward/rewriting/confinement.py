"""confine: takes from this process, for good, everything that it no longer needs; that takes no privileges."""

from __future__ import annotations

import ctypes
import os
import signal
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2
_LOAD, _IF_EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOWED, _NOT_PERMITTED = 0x7FFF0000, 0x50001
_CALLS = {
    # Of read, write, close, fstat, lseek, mmap, mprotect, munmap, brk, rt_sigaction, rt_sigprocmask, rt_sigreturn,
    # sched_yield, mremap, madvise, getitimer, setitimer, getpid, exit, gettimeofday, getrusage, sigaltstack,
    # gettid, futex, restart_syscall, clock_gettime, clock_getres, exit_group and getrandom.
    "x86_64": (
        0xC000003E,
        (0, 1, 3, 5, 8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 28, 36, 38, 39, 60, 96, 98, 131, 186, 202, 219, 228, 229,
         231, 318),
    ),
    "aarch64": (
        0xC00000B7,
        (63, 64, 57, 80, 62, 222, 226, 215, 214, 134, 135, 139, 124, 216, 233, 102, 103, 172, 93, 169, 165, 132, 178,
         98, 128, 113, 114, 94, 278),
    ),
}  # fmt: skip
"""By machine: its number for a filter, and the system calls of a process that computes and has its pipes."""
_RULESET, _RESTRICT = 444, 446
_RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
"""By version of Landlock: everything that can be done with files."""
_TCP, _SCOPES = 0b11, 0b11
_WITH_NETWORK, _WITH_SCOPES = 4, 6


def confine(megabytes: int) -> None:
    """Leave this process its memory up to a limit, its open files and its time; refuse all else as far as possible.

    Everywhere but on Windows it can open nothing and start nothing. On Linux, Landlock takes files, TCP and signals to
    others, and a filter on x86-64 and arm64 all system calls but a few, each where the kernel has it.
    """
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    system = ctypes.CDLL(None) if sys.platform == "linux" else None
    if system is not None:
        system.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
        _refuse_files(system)
    for name, most in {"AS": megabytes << 20, "FSIZE": 0, "NOFILE": 0, "NPROC": 0}.items():
        # macOS refuses some of them.
        with suppress(OSError, ValueError):
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (most, most))
    if system is not None:
        _refuse_calls(system)


@contextmanager
def limit_seconds(seconds: float) -> Iterator[None]:
    """End this process if the block takes more CPU time; on Windows nothing does."""
    if sys.platform == "win32":
        yield
        return
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _refuse_files(system: ctypes.CDLL) -> None:
    """Refuse files, TCP, and signals and sockets of processes outside, as far as the kernel's Landlock does."""
    version = system.syscall(_RULESET, None, 0, 1)
    if version < 1:
        return
    rights = next(_RIGHTS[least] for least in sorted(_RIGHTS, reverse=True) if least <= version)
    parts = [
        rights,
        *([_TCP] if version >= _WITH_NETWORK else []),
        *([_SCOPES] if version >= _WITH_SCOPES else []),
    ]
    ruleset = struct.pack(f"{len(parts)}Q", *parts)
    number = system.syscall(_RULESET, ruleset, len(ruleset), 0)
    system.syscall(_RESTRICT, number, 0)


def _refuse_calls(system: ctypes.CDLL) -> None:
    """Refuse every system call that is not in the table, if this machine is."""
    machine = os.uname().machine
    if machine not in _CALLS or sys.maxsize < 1 << 32:
        return
    number, allowed = _CALLS[machine]
    steps = [
        (_LOAD, 0, 0, 4),
        (_IF_EQUAL, 0, len(allowed) + 1, number),
        (_LOAD, 0, 0, 0),
        *((_IF_EQUAL, len(allowed) - at, 0, call) for at, call in enumerate(allowed)),
        (_RETURN, 0, 0, _NOT_PERMITTED),
        (_RETURN, 0, 0, _ALLOWED),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
    system.prctl(_SET_SECCOMP, _FILTER, struct.pack("HP", len(steps), ctypes.addressof(code)), 0, 0)
