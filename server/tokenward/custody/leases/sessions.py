"""Sessions: of an editor, of a login, of the machine; each has a mark, and ends."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from enum import Enum, StrEnum
from functools import lru_cache
from pathlib import Path

from tokenward.custody.store.presence import presence

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOGINS = Path("/run/systemd/sessions")
_MACHINE_ID = Path("/etc/machine-id")
_CLOSING = "STATE=closing"
_BOOT_TOLERANCE = 60.0
"""Seconds by which setting the clock may move the moment of the boot, where the system has no id for it."""
_LOGIN_PROCESSES = {"darwin": "loginwindow", "win32": "sihost.exe"}
"""What runs as long as somebody is logged in."""


class Session(StrEnum):
    """What may end."""

    EDITOR = "editor"
    LOGIN = "login"
    BOOT = "boot"


_KINDS = [kind.value for kind in Session]


class State(Enum):
    """What can be said of a session from here."""

    LASTS = "lasts"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Sessions:
    """The sessions that this process is in; a mark names one of them to every other process of the user.

    A mark says where its session can be seen: on which machine, in which boot of it, by which user, in which file or
    folder. Seen from anywhere else, it is unknown whether the session lasts. What asks for, or about, an editor's may
    raise StateDamaged.
    """

    def __init__(self, path: Path, logins: Path = _LOGINS, machine: Path = _MACHINE_ID) -> None:
        """Use a file of presences that nothing else has, logind's folder of logins, and the machine's id."""
        self._path = path
        self._logins = logins
        self._machine = machine

    def editor(self) -> str:
        """The mark of this process, a language server: it lasts until that ends, however it does."""
        here = presence(self._path)
        return f"{Session.EDITOR.value}:{self._here()}:{here.file}:{here.marker}"

    def login(self) -> str:
        """The mark of the login that this process belongs to; of the boot where the system tells of no logins."""
        login = next(iter(self._own_logins()), "")
        if not login:
            return self.boot()
        return f"{Session.LOGIN.value}:{self._here()}:{_user()}:{self._place_of_logins()}:{login}"

    def boot(self) -> str:
        """The mark of the machine since it was started."""
        return f"{Session.BOOT.value}:{self._here()}"

    def is_alive(self, mark: str) -> bool:
        """Whether the session with this mark lasts for certain."""
        return self.state(mark) is State.LASTS

    def state(self, mark: str) -> State:
        """What can be said of the session with this mark; what is no mark is unknown."""
        kind, machine, boot, *rest = (*mark.split(":"), "", "")
        if not _is_this_boot(boot):
            # No two machines share a boot, but each has had many.
            is_ours = bool(machine) and machine == self._machine_id()
            return State.ENDED if is_ours and kind in _KINDS else State.UNKNOWN
        match kind, rest[:-2]:
            case Session.EDITOR.value, [file, number]:
                return self._of_editor(file, number)
            case Session.LOGIN.value, [user, place, login]:
                is_seen = (user, place) == (_user(), self._place_of_logins())
                return self._of_login(login) if is_seen else State.UNKNOWN
            case Session.BOOT.value, []:
                return State.LASTS
        return State.UNKNOWN

    def _here(self) -> str:
        return f"{self._machine_id()}:{_boot()}"

    def _machine_id(self) -> str:
        """What tells this machine from others; empty where the system does not say."""
        try:
            found = self._machine.read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return found if re.fullmatch(r"[0-9a-f]{32}", found) else ""

    def _place_of_logins(self) -> str:
        """Which folder tells of logins: another container has another; empty where there is none."""
        try:
            status = self._logins.stat()
        except OSError:
            return ""
        return f"{status.st_dev}.{status.st_ino}"

    def _of_editor(self, file: str, number: str) -> State:
        here = presence(self._path)
        if file != here.file or not number.isdecimal():
            return State.UNKNOWN
        return State.LASTS if here.is_alive(int(number)) else State.ENDED

    def _of_login(self, login: str) -> State:
        if sys.platform != "linux":
            return State.LASTS if login in _login_processes() else State.ENDED
        try:
            if all(told.name != login for told in self._logins.iterdir()):
                return State.ENDED
        except OSError:
            return State.UNKNOWN
        lines = self._told_of(login)
        if f"UID={os.getuid()}" not in lines:
            return State.UNKNOWN
        return State.ENDED if _CLOSING in lines else State.LASTS

    def _own_logins(self) -> Iterator[str]:
        if sys.platform != "linux":
            yield from _login_processes()
            return
        for session in (os.environ.get("XDG_SESSION_ID", ""), _audit_session()):
            lines = self._told_of(session)
            if f"UID={os.getuid()}" in lines and _CLOSING not in lines:
                yield session

    def _told_of(self, session: str) -> list[str]:
        """What logind says of a session; nothing of one that it does not know."""
        if not re.fullmatch(r"[A-Za-z0-9]{1,32}", session):
            return []
        try:
            return (self._logins / session).read_text("utf-8", "replace").splitlines()
        except OSError:
            return []


def _user() -> str:
    return "" if sys.platform == "win32" else str(os.getuid())


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
