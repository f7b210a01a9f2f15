"""Sessions: of an editor, of a login, of the machine; each has a mark, and ends."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from pathlib import Path

from tokenward.custody.presence import presence

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOGINS = Path("/run/systemd/sessions")
_BOOT_TOLERANCE = 60.0
"""Seconds by which setting the clock may move the moment of the boot, where the system has no id for it."""
_LOGIN_PROCESSES = {"darwin": "loginwindow", "win32": "sihost.exe"}
"""What runs as long as somebody is logged in."""


class Session(str, Enum):
    """What may end."""

    EDITOR = "editor"
    LOGIN = "login"
    BOOT = "boot"


class Sessions:
    """The sessions that this process is in; a mark names one of them to every other process of the user.

    What asks for, or about, an editor's may raise StateDamaged.
    """

    def __init__(self, path: Path, logins: Path = _LOGINS) -> None:
        """Use a file of presences that nothing else has, and the folder where logind tells of logins."""
        self._path = path
        self._logins = logins

    def editor(self) -> str:
        """The mark of this process, a language server: alive until it ends, however it does."""
        return f"{Session.EDITOR.value}:{presence(self._path).marker}"

    def login(self) -> str:
        """The mark of the login that this process belongs to; of the boot where the system tells of no logins."""
        login = next(iter(self._own_logins()), "")
        return f"{Session.LOGIN.value}:{_boot()}:{login}" if login else self.boot()

    def boot(self) -> str:
        """The mark of the machine since it was started."""
        return f"{Session.BOOT.value}:{_boot()}"

    def is_alive(self, mark: str) -> bool:
        """Whether the session with this mark lasts; False for what is no mark."""
        kind, _, rest = mark.partition(":")
        if kind == Session.EDITOR.value:
            return rest.isdecimal() and presence(self._path).is_alive(int(rest))
        boot, _, login = rest.partition(":")
        if kind == Session.LOGIN.value:
            return _is_this_boot(boot) and self._lasts(login)
        return kind == Session.BOOT.value and _is_this_boot(boot)

    def _own_logins(self) -> Iterator[str]:
        if sys.platform != "linux":
            yield from _login_processes()
            return
        for session in (os.environ.get("XDG_SESSION_ID", ""), _audit_session()):
            if self._is_ours(session):
                yield session

    def _lasts(self, login: str) -> bool:
        return self._is_ours(login) if sys.platform == "linux" else login in _login_processes()

    def _is_ours(self, session: str) -> bool:
        """Whether logind knows a session of this user by that name, and it is not about to end."""
        if not re.fullmatch(r"[A-Za-z0-9]{1,32}", session):
            return False
        try:
            lines = (self._logins / session).read_text("utf-8", "replace").splitlines()
        except OSError:
            return False
        return f"UID={os.getuid()}" in lines and "STATE=closing" not in lines


def _audit_session() -> str:
    try:
        return Path("/proc/self/sessionid").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _login_processes() -> list[str]:
    """What runs as long as this user is logged in, each by its number and when it was started."""
    import psutil  # noqa: PLC0415 - only where there is no logind; it takes a while to load

    name, user = _LOGIN_PROCESSES.get(sys.platform, ""), psutil.Process().username()
    running = psutil.process_iter(["pid", "name", "username", "create_time"])
    return [
        f"{one.info['pid']}.{one.info['create_time'] or 0:.0f}"
        for one in running
        if name and one.info["name"] == name and one.info["username"] == user
    ]


@lru_cache(maxsize=1)
def _boot() -> str:
    """What tells this start of the machine from others."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        # Only where there is no id for it; it takes a while to load.
        import psutil  # noqa: PLC0415

        return f"{psutil.boot_time():.0f}"


def _is_this_boot(boot: str) -> bool:
    now = _boot()
    if boot.isdecimal() and now.isdecimal():
        return abs(int(boot) - int(now)) <= _BOOT_TOLERANCE
    return boot == now
