"""Starts a daemon after a person has used a token or scanned in a terminal, or an agent's hook, for later commands."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import NoReturn

from tokenward.thin_client import DAEMON, HOOKS_DAEMON, socket_path
from tokenward.vault.file_lock import try_lock

_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "XDG_RUNTIME_DIR")
"""The variables of the daemon, which takes those of each client when it serves it."""


def start_daemon(daemon: tuple[str, ...] = DAEMON) -> None:
    """Start a daemon unless one is running, an agent uses this command, or nobody is at the terminal; never fail."""
    path = socket_path(daemon)
    if not path or _is_running(Path(path)):
        return
    from tokenward.custody.callers.callers import caller

    asker = caller(os.getpid())
    if asker.possible_agent or asker.is_unattended:
        return
    _fork_daemon(daemon)


def start_hooks_daemon() -> None:
    """Start the daemon for agents' hooks unless one is running; never fail. It holds no value, so an agent may."""
    path = socket_path(HOOKS_DAEMON)
    if path and not _is_running(Path(path)):
        _fork_daemon(HOOKS_DAEMON)


def _fork_daemon(daemon: tuple[str, ...]) -> None:
    try:
        child = os.fork()
    except OSError:
        return
    if child:
        os.waitpid(child, 0)
        return
    # Not a child of the command that this process becomes, which would have to wait for it.
    try:
        if not os.fork():
            _become(daemon)
    finally:
        os._exit(0)


def _is_running(path: Path) -> bool:
    try:
        lock = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not try_lock(lock)
    finally:
        os.close(lock)


def _become(daemon: tuple[str, ...]) -> NoReturn:
    try:
        os.setsid()
        nowhere = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(nowhere, standard)
        # The reader of a pipe waits until nobody holds its other end.
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))
        os.chdir("/")
        variables = {name: os.environ[name] for name in _KEPT if name in os.environ}
        os.execve(sys.executable, [sys.executable, *daemon], variables)  # noqa: S606
    finally:
        os._exit(127)
