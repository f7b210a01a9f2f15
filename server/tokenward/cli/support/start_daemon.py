"""Starts processes for later commands: a daemon after a use of a token or a hook, or what compiles rules."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

from tokenward.errors import TokenwardError
from tokenward.thin_client import DAEMON, HOOKS_DAEMON, sessions, socket_path
from tokenward.vault.file_lock import hold_file_lock, try_lock

MOST_SESSIONS = 3
"""The sessions that may each have a daemon, of some 20 MB; commands in others work by themselves."""
_KEPT = (
    "HOME",
    "LANG",
    "LC_ALL",
    "PATH",
    *(f"XDG_{kind}_HOME" for kind in ("CACHE", "CONFIG", "DATA", "STATE")),
)
_KEPT += ("XDG_CONFIG_DIRS", "XDG_RUNTIME_DIR")
"""The variables of the daemon, which takes those of each client when it serves it."""
_COMPILE = (
    "import sys; from tokenward.cli.support.start_daemon import compile_rules; compile_rules(*sys.argv[1:])"
)


def start_daemon() -> None:
    """Start a daemon unless one is running, an agent uses this command, or nobody is at the terminal; never fail."""
    if not _is_missing(DAEMON):
        return
    from tokenward.custody.callers.callers import caller

    asker = caller(os.getpid())
    if asker.possible_agent or asker.is_unattended:
        return
    _fork_daemon(DAEMON)


def start_hooks_daemon() -> None:
    """Start the daemon for agents' hooks unless one is running; never fail. It holds no value, so an agent may.

    A hook that has a session of its own starts none, because no other hook would find it there.
    """
    if not _is_missing(HOOKS_DAEMON):
        return
    from tokenward.custody.callers.callers import caller

    asker = caller(os.getpid())
    agent = int(asker.agent_process.partition(" ")[0] or 0)
    with suppress(OSError):
        is_shared = os.getpid() != os.getsid(0) == os.getsid(agent)
        if is_shared and (agent or not asker.is_unattended):
            _fork_daemon(HOOKS_DAEMON)


def is_wanted() -> bool:
    """Return whether the settings of this process's user allow a daemon."""
    from tokenward.places import Places
    from tokenward.settings import load_settings

    return load_settings(Places.of_user(), None)[0].daemon


def start_compiling(rules_cache: Path) -> None:
    """Start to compile the rules, and then the daemon for hooks, because a hook has no time for it; never fail."""
    words = ("-I", "-c", _COMPILE, str(rules_cache), socket_path(HOOKS_DAEMON))
    if os.name != "nt":
        _fork_daemon(words)
        return
    import subprocess

    with suppress(OSError):
        flags = getattr(subprocess, "CREATE_NO_WINDOW", 0) | getattr(subprocess, "DETACHED_PROCESS", 0)
        nowhere = subprocess.DEVNULL
        subprocess.Popen(
            [sys.executable, *words], stdin=nowhere, stdout=nowhere, stderr=nowhere, creationflags=flags
        )


def compile_rules(rules_cache: str, daemon: str) -> None:
    """Compile the rules, unless another process does, and start the daemon for hooks if it has a socket."""
    from tokenward.detection.engine import Detector

    with suppress(TokenwardError), hold_file_lock(Path(f"{rules_cache}.lock"), patience=0):
        Detector(Path(rules_cache)).load()
        if daemon:
            start_hooks_daemon()


def _fork_daemon(daemon: tuple[str, ...]) -> None:
    try:
        child = os.fork()
    except OSError:
        return
    if child:
        with suppress(ChildProcessError):
            os.waitpid(child, 0)
        return
    # Not a child of the command that this process becomes, which would have to wait for it.
    try:
        if not os.fork():
            _become(daemon)
    finally:
        os._exit(0)


def _is_missing(daemon: tuple[str, ...]) -> bool:
    paths = [Path(path) for session in sessions() if (path := socket_path(daemon, session))]
    if not paths or any(map(_is_running, paths)) or not is_wanted():
        return False
    others = {path.stem.rpartition("-")[2] for path in paths[0].parent.glob("*.lock") if _is_running(path)}
    return len(others - {str(os.getsid(0))}) < MOST_SESSIONS


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
        # Not in the group that keys at the terminal reach, but in the session, by which clients know it.
        os.setpgid(0, 0)
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
