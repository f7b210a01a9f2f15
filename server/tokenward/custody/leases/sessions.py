"""Sessions of an editor, a login or the machine; each has a mark and an end."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable, Iterator
from enum import Enum, StrEnum
from functools import lru_cache
from pathlib import Path

from tokenward.custody.callers.asker import asking_process
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.custody.store.presence import presence

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_LOGINS = Path("/run/systemd/sessions")
_MACHINE_ID = Path("/etc/machine-id")
_CLOSING = "STATE=closing"
_BOOT_TOLERANCE = 60.0
"""Seconds by which setting the clock may shift the time of the boot, if the system has no id for the boot."""
_LOGIN_PROCESSES = {"darwin": "loginwindow", "win32": "sihost.exe"}
"""Programs that run as long as the user is logged in."""


class SessionKind(StrEnum):
    """A kind of session."""

    EDITOR = "editor"
    LOGIN = "login"
    BOOT = "boot"


_KINDS = [kind.value for kind in SessionKind]


class SessionState(Enum):
    """Whether a session still lasts, as far as this process can see."""

    LASTS = "lasts"
    ENDED = "ended"
    UNKNOWN = "unknown"


class Sessions:
    """The sessions that this process belongs to; a mark identifies one to every other process of the user.

    A mark says where its session can be seen: on which machine, in which boot, by which user, in which file or
    folder. From anywhere else, nobody can tell whether it still lasts. Methods that return or check an editor's
    mark may raise StateDamaged.
    """

    def __init__(self, path: Path, logins: Path = _LOGINS, machine: Path = _MACHINE_ID) -> None:
        """Take the presence file for sessions, logind's folder of logins, and the machine's id."""
        self._path = path
        self._logins = logins
        self._machine = machine

    def editor(self) -> str:
        """Return the mark of this process, a language server; it lasts until the process ends."""
        here = presence(self._path)
        return f"{SessionKind.EDITOR.value}:{self._machine_and_boot()}:{here.file}:{here.marker}"

    def login(self) -> str:
        """Return the mark of this process's login, or of the boot if the system reports no logins."""
        login = next(iter(self._own_logins()), "")
        if not login:
            return self.boot()
        return f"{SessionKind.LOGIN.value}:{self._machine_and_boot()}:{_user()}:{self._logins_id()}:{login}"

    def boot(self) -> str:
        """Return the mark of this boot of the machine."""
        return f"{SessionKind.BOOT.value}:{self._machine_and_boot()}"

    def is_alive(self, mark: str) -> bool:
        """Return whether the session with this mark certainly lasts."""
        return self.state(mark) is SessionState.LASTS

    def state(self, mark: str) -> SessionState:
        """Return the state of the session with this mark; an invalid mark's is unknown."""
        kind, machine, boot, *rest = (*mark.split(":"), "", "")
        if not _is_this_boot(boot):
            # A machine has many boots, but a boot belongs to one machine.
            is_ours = bool(machine) and machine == self._machine_id()
            return SessionState.ENDED if is_ours and kind in _KINDS else SessionState.UNKNOWN
        match kind, rest[:-2]:
            case SessionKind.EDITOR.value, [file, number]:
                here = presence(self._path)
                if file != here.file or not number.isdecimal():
                    return SessionState.UNKNOWN
                return SessionState.LASTS if here.is_alive(int(number)) else SessionState.ENDED
            case SessionKind.LOGIN.value, [user, place, login]:
                is_seen = (user, place) == (_user(), self._logins_id())
                return self._login_state(login) if is_seen else SessionState.UNKNOWN
            case SessionKind.BOOT.value, []:
                return SessionState.LASTS
        return SessionState.UNKNOWN

    def _machine_and_boot(self) -> str:
        return f"{self._machine_id()}:{_boot()}"

    def _machine_id(self) -> str:
        """Return the machine's id; empty if the system has none."""
        try:
            found = self._machine.read_text("ascii").strip()
        except (OSError, ValueError):
            return ""
        return found if re.fullmatch(r"[0-9a-f]{32}", found) else ""

    def _logins_id(self) -> str:
        """Identify the folder of logins, because each container has its own; empty if absent."""
        try:
            status = self._logins.stat()
        except OSError:
            return ""
        return f"{status.st_dev}.{status.st_ino}"

    def _login_state(self, login: str) -> SessionState:
        if sys.platform != "linux":
            return SessionState.LASTS if login in _login_processes() else SessionState.ENDED
        try:
            if all(file.name != login for file in self._logins.iterdir()):
                return SessionState.ENDED
        except OSError:
            return SessionState.UNKNOWN
        lines = self._login_lines(login)
        if f"UID={os.getuid()}" not in lines:
            return SessionState.UNKNOWN
        return SessionState.ENDED if _CLOSING in lines else SessionState.LASTS

    def _own_logins(self) -> Iterator[str]:
        if sys.platform != "linux":
            yield from _login_processes()
            return
        for session in (os.environ.get("XDG_SESSION_ID", ""), _audit_session()):
            lines = self._login_lines(session)
            if f"UID={os.getuid()}" in lines and _CLOSING not in lines:
                yield session

    def _login_lines(self, session: str) -> list[str]:
        """Return logind's lines about a session; none if it does not know the session."""
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
        return Path("/proc", str(asking_process()), "sessionid").read_text("ascii").strip()
    except (OSError, ValueError):
        return ""


def _login_processes() -> list[str]:
    """Identify the processes that run as long as this user is logged in, by id and start time."""
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
    """Return an id of this boot of the machine."""
    try:
        return _BOOT_ID.read_text("ascii").strip()
    except (OSError, ValueError):
        import psutil  # noqa: PLC0415

        return f"{psutil.boot_time():.0f}"


def _is_this_boot(boot: str) -> bool:
    now = _boot()
    if boot.isdecimal() and now.isdecimal():
        return abs(int(boot) - int(now)) <= _BOOT_TOLERANCE
    return boot == now


class Editors:
    """The running editor sessions and their open folders. Every method may raise StateDamaged."""

    def __init__(self, path: Path, sessions: Sessions) -> None:
        self._database = Database(path, CUSTODY)
        self._sessions = sessions

    def opened(self, folders: Iterable[Path]) -> None:
        """Record the open folders of this process, a language server, and forget servers that have ended."""
        mine = self._sessions.editor()
        rows = [(mine, os.fsencode(os.path.realpath(folder))) for folder in folders]
        with self._database.write() as connection:
            marks = {mark for (mark,) in connection.execute("SELECT mark FROM editors")}
            over = [(mark,) for mark in marks if mark == mine or not self._sessions.is_alive(mark)]
            connection.executemany("DELETE FROM editors WHERE mark = ?", over)
            connection.executemany("INSERT OR REPLACE INTO editors (mark, folder) VALUES (?, ?)", rows)

    def session_of(self, folder: Path) -> str | None:
        """Return the mark of an editor session in which a folder, or one around it, is open, or None."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT mark, folder FROM editors ORDER BY rowid DESC").fetchall()
        real = Path(os.path.realpath(folder))
        marks = (mark for mark, opened in rows if real.is_relative_to(os.fsdecode(opened)))
        return next((mark for mark in marks if self._sessions.is_alive(mark)), None)
