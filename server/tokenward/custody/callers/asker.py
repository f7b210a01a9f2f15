"""The process for which this one acts: itself, or the one that the daemon serves."""

from __future__ import annotations

import os

_served: list[int] = []


class LeftToCommand(BaseException):
    """The daemon leaves a request to the command itself, which has a terminal and can wait; nothing was done yet."""


def asking_process() -> int:
    """Return the process id of whatever asks for a token."""
    return _served[-1] if _served else os.getpid()


def serve_process(pid: int) -> None:
    """Act for another process from now on; the system has said which one it is."""
    _served.append(pid)


def require_own_command() -> None:
    """Go on only in the command that was asked for, not in the daemon.

    Raises:
        LeftToCommand: this process serves another.
    """
    if _served:
        raise LeftToCommand
