"""Has Windows end the processes that we started when we are killed. Windows only."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from ctypes import wintypes

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
