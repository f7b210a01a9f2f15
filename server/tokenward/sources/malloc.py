"""Returns freed memory to the system; otherwise glibc keeps most of it, separately for each thread."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable

MAPPED_BYTES = 65_536
"""A larger allocation is separate, and is returned to the system at once."""
ARENAS = 2
_MMAP_THRESHOLD, _ARENA_MAX = -3, -8


def limit_retained_memory() -> None:
    """Let the process keep little freed memory; call this before there are threads."""
    set_option = _glibc("mallopt")
    if set_option is not None:
        set_option(_MMAP_THRESHOLD, MAPPED_BYTES)
        set_option(_ARENA_MAX, ARENAS)


def release_freed_memory() -> None:
    """Return freed memory to the system."""
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))


def _glibc(name: str) -> Callable[..., object] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
