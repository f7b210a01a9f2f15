"""Prevents core dumps of this process, which has values in memory, but not those of a command that it starts."""

from __future__ import annotations

import sys

_given: list[tuple[int, int]] = []
"""The limit with which this process was started, once it was lowered."""


def prevent() -> None:
    """Stop the system from writing core dumps of this process."""
    if sys.platform == "win32":
        return
    import resource  # noqa: PLC0415 - not on Windows

    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # Linux ignores 0 if a program handles the dumps, and treats 1 as no dump at all; see core(5).
    lowest = 1 if sys.platform == "linux" and hard != 0 else 0
    _given[:] = [(soft, hard)]
    _set((lowest, hard))


def allow_again() -> None:
    """Restore the limit, for the command that this process becomes."""
    if sys.platform == "win32" or not _given:
        return
    _set(_given[0])


def _set(limits: tuple[int, int]) -> None:
    import resource  # noqa: PLC0415 - not on Windows

    try:  # noqa: SIM105 - `contextlib` takes a while to load
        resource.setrlimit(resource.RLIMIT_CORE, limits)
    except (OSError, ValueError):
        pass
