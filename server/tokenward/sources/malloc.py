"""Returns freed memory to the system; otherwise glibc keeps most of it, separately for each thread."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable, Mapping

MAPPED_BYTES = 65_536
"""A larger allocation is separate, and is returned to the system at once."""
KEPT_BYTES = 131_072
"""How much glibc adds to each request to the system, and how much freed memory it keeps."""
ARENAS = 2
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -2, -3, -8
_AT_START = {_ARENA_MAX: ARENAS, _MMAP_THRESHOLD: 1 << 25, _TOP_PAD: 1 << 20, _TRIM_THRESHOLD: 1 << 28}
_AFTERWARDS = {_MMAP_THRESHOLD: MAPPED_BYTES, _TOP_PAD: KEPT_BYTES, _TRIM_THRESHOLD: KEPT_BYTES}


def allocate_quickly() -> None:
    """Ask the system for memory rarely, as long as much is loaded; call this before there are threads."""
    _set(_AT_START)


def limit_retained_memory() -> None:
    """Return memory to the system that was freed, and keep little from now on."""
    _set(_AFTERWARDS)
    release_freed_memory()


def release_freed_memory() -> None:
    """Return freed memory to the system."""
    trim = _glibc("malloc_trim")
    if trim is not None:
        trim(ctypes.c_size_t(0))


def _set(options: Mapping[int, int]) -> None:
    set_option = _glibc("mallopt")
    if set_option is not None:
        for option, value in options.items():
            set_option(option, value)


def _glibc(name: str) -> Callable[..., object] | None:
    return getattr(ctypes.CDLL(None), name, None) if sys.platform == "linux" else None
