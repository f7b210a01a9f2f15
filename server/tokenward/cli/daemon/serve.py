"""serve: the daemon, which has loaded what an answer needs, and forks a process for each."""

from __future__ import annotations

import contextlib
import gc
import math
import os
import select
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from tokenward import thin_client
from tokenward.cli.daemon.answer import RequestKind, handle
from tokenward.cli.daemon.client import Client, Refused
from tokenward.cli.support.start_daemon import is_wanted
from tokenward.custody.callers.asker import serve_process
from tokenward.custody.callers.processes import end_with_parent
from tokenward.custody.sockets.client import peer_of
from tokenward.errors import TokenwardError
from tokenward.fast_dataclasses import compile_all
from tokenward.places import make_private_folder, shown
from tokenward.vault.file_lock import try_lock

SETTLED_SECONDS = 2.0
"""The youngest change that cannot have come while this process loaded its first modules."""
IDLE_SECONDS = 900.0
REST_SECONDS = 180.0
"""Seconds without a request after which the process of a role ends."""
MOST_AT_ONCE = 64
_WAITING = 16
LONGEST_ANSWER = 20.0
"""Seconds after which the process that works on an answer is killed, unless it leads a process group of its own."""
LOOK_SECONDS = 5.0
"""Seconds between two checks that clients still find the socket."""
TURNED_OFF = 3
"""Exit code of a fork whose user wants no daemon."""
_REQUEST_SECONDS = 2.0
_TAKEOVER_SECONDS = 2.0


class Installed:
    """Every file of this code, and the folders of its dependencies, which each installation changes.

    A command is this code if nothing has changed since: both have the package in one folder, as their socket says.
    """

    def __init__(self) -> None:
        package = Path(thin_client.__file__).parent
        folders = [folder for folder in os.walk(package) if "__pycache__" not in folder[0]]
        self._places = [os.path.join(folder, file) for folder, _, files in folders for file in files]  # noqa: PTH118
        self._places += filter(os.path.isdir, sys.path)
        self._loaded = self._now()
        self._is_settled = (
            max(changed for _, _, changed in self._loaded) < time.time_ns() - SETTLED_SECONDS * 1e9
        )

    def is_changed(self) -> bool:
        """Return whether a file is gone, may have changed while it was loaded, or has changed since."""
        try:
            return not self._is_settled or self._now() != self._loaded
        except OSError:
            return True

    def _now(self) -> list[tuple[int, int, int]]:
        # The time of the last change of anything, which no program can set back.
        return [(one.st_ino, one.st_size, one.st_ctime_ns) for one in map(os.stat, self._places)]


@dataclass(frozen=True)
class Role:
    """What a daemon does for one kind of client.

    Attributes:
        daemon: the command line of the daemon that does nothing else; clients know the socket by it.
        load: loads what answers need, so that a fork has it already, and returns the kinds of requests.
        is_apart: what it loads is large, so a process of its own has it, which ends after a while without a request.
    """

    daemon: tuple[str, ...]
    load: Callable[[], Sequence[RequestKind]]
    is_apart: bool = False


@dataclass(frozen=True)
class _Door:
    """A role's socket; without kinds, another process has what answers there."""

    role: Role
    listener: socket.socket
    lock: int
    path: Path
    place: os.stat_result
    kinds: Sequence[RequestKind] = ()

    def fileno(self) -> int:
        return self.listener.fileno()

    def close(self) -> None:
        """Leave the socket and its lock to the daemon, in a fork that may outlive it."""
        self.listener.close()
        os.close(self.lock)


def serve(*roles: Role, idle: float = IDLE_SECONDS) -> None:
    """Answer requests of one session until none has come for a while, the code changes, or the session or socket ends.

    Args:
        roles: the first is needed at once; for the others, a daemon that stays may go on to answer.
        idle: seconds without a request after which it ends.

    Raises:
        TokenwardError: there is no private folder for a socket, or a daemon runs already or is turned off, or no client
            could trust this one.
    """
    # What started it may ignore the end of children, which is inherited.
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    installed = Installed()
    if os.getsid(0) == os.getpid():
        raise TokenwardError(
            "A daemon answers commands of the session in which it is started, and this one has a session of its own; "
            "run `tokenward daemon` in the terminal where you work."
        )
    if not is_wanted():
        raise TokenwardError("The setting `daemon` turns it off; remove it from your settings to use one.")
    # Before it loads what takes a while, as the terminal may be closed meanwhile.
    session = _first_of_session()
    with contextlib.ExitStack() as stack:
        first = _open_door(stack, roles[0])
        if first is None:
            raise TokenwardError("A daemon is running already; it ends by itself.")
        others = [_open_door(stack, role, takes_over=True) for role in roles[1:]]
        _share_with_forks()
        _accept([first, *filter(None, others)], idle, installed, session)


def _share_with_forks() -> None:
    """Do what each fork would do again, and let none write to what all share."""
    compile_all()
    gc.freeze()


def _open_door(stack: contextlib.ExitStack, role: Role, *, takes_over: bool = False) -> _Door | None:
    """Load a role and listen for its clients; None if another daemon does."""
    path = Path(thin_client.socket_path(role.daemon) or _no_place())
    try:
        make_private_folder(path.parent)
        if not thin_client.is_private(str(path.parent)):
            _no_place()
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        lock = os.open(path.with_suffix(".lock"), flags, 0o600)
        if not try_lock(lock) and not (takes_over and _take_over(path, role, lock)):
            return None
        # First, because a client does not wait for it.
        kinds = () if role.is_apart else role.load()
        listener = stack.enter_context(_listening(path))
    except OSError as error:
        raise TokenwardError(
            f"The daemon cannot listen on {shown(path)} ({error.strerror}); commands work without it."
        ) from None
    return _Door(role, listener, lock, path, path.lstat(), kinds)


def _take_over(path: Path, role: Role, lock: int) -> bool:
    """End the daemon that does nothing else, and return whether it has ended."""
    with socket.socket(socket.AF_UNIX) as connection, contextlib.suppress(OSError):
        connection.connect(str(path))
        peer = peer_of(connection)
        if peer.is_own and thin_client.is_daemon(peer.pid, role.daemon):
            os.kill(peer.pid, signal.SIGTERM)
    deadline = time.monotonic() + _TAKEOVER_SECONDS
    while not (is_locked := try_lock(lock)) and time.monotonic() < deadline:
        time.sleep(0.02)
    return is_locked


def _accept(doors: Sequence[_Door], idle: float, installed: Installed, session: Sequence[int] = ()) -> int:
    """Fork for each connection; nothing is read from one here, so that no client can delay another.

    Return TURNED_OFF if the user wants no daemon, or else 0.
    """
    children = dict[int, float]()
    apart = {_serve_apart(door, doors, children, installed): door for door in doors[:1] if not door.kinds}
    asked = time.monotonic()
    while children or time.monotonic() < asked + idle:
        waiting = [door for door in doors if door not in apart.values()]
        patience = 1.0 if children else min(idle, LOOK_SECONDS)
        watched: list[int | _Door] = [*session, *waiting]
        found = select.select(watched, [], [], patience)[0]
        if any(one in found for one in session):
            return 0
        ready = [door for door in waiting if door in found]
        if (codes := _reap(children)) or ready:
            asked = time.monotonic()
        apart = {pid: door for pid, door in apart.items() if pid in children}
        if TURNED_OFF in codes or not all(_is_at(door.path, door.place) for door in doors):
            return max(codes, default=0)
        if ready and installed.is_changed():
            return 0
        for door in ready:
            connection, _ = door.listener.accept()
            with connection:
                if door.kinds and len(children) < MOST_AT_ONCE:
                    children[_fork(partial(_answer, connection, door, doors))] = asked + LONGEST_ANSWER
            if not door.kinds:
                # This client works by itself, which takes less time than to wait.
                apart[_serve_apart(door, doors, children, installed)] = door
    return 0


def _first_of_session() -> list[int]:
    """Return a handle of the process that leads this one's session; none if the system has no such handles.

    Raises:
        TokenwardError: it has ended, and so would a daemon.
    """
    try:
        return [os.pidfd_open(os.getsid(0))]
    except ProcessLookupError:
        pass
    except OSError:
        return []
    raise TokenwardError(
        "The terminal of this daemon was closed; run `tokenward daemon` in one that stays open."
    )


def _serve_apart(
    door: _Door, doors: Sequence[_Door], children: dict[int, float], installed: Installed
) -> int:
    """Start a process that loads what answers at a door need, and ends after a rest; return its id."""
    daemon = os.getpid()

    def work() -> int:
        end_with_parent(daemon)
        for other in doors:
            if other is not door:
                other.close()
        loaded = replace(door, kinds=door.role.load())
        _share_with_forks()
        return _accept([loaded], REST_SECONDS, installed)

    child = _fork(work)
    children[child] = math.inf
    return child


def _reap(children: dict[int, float]) -> list[int]:
    """Wait for children that have ended, and end those that take too long; return exit codes."""
    codes = []
    for child, end in [*children.items()]:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            codes.append(os.waitstatus_to_exitcode(status))
            del children[child]
        elif time.monotonic() > end and os.getpgid(child) != child:
            os.kill(child, signal.SIGKILL)
    return codes


def _is_at(path: Path, place: os.stat_result) -> bool:
    """Return whether a socket is still where it was bound."""
    try:
        return os.path.samestat(path.lstat(), place)
    except OSError:
        return False


def _fork(work: Callable[[], int]) -> int:
    """Start a process that does some work and ends with its exit code; return its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    # Nothing of the daemon, such as the removal of its socket, runs in the fork.
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        code = work()
    os._exit(code)


def _answer(connection: socket.socket, door: _Door, doors: Sequence[_Door]) -> int:
    """Serve a connection; without an answer, the client does the work itself."""
    for any_door in doors:
        any_door.close()
    connection.settimeout(_REQUEST_SECONDS)
    try:
        client = Client(connection)
        request = client.request()
        client.enter_its_place()
        if not is_wanted():
            return TURNED_OFF
        serve_process(client.pid)
        for kind in door.kinds:
            if kind.is_long and kind.accepts(request.words):
                return kind.work(request)
        answer = handle(request, door.kinds)
        client.require_alive()
    except (Refused, OSError, ValueError):
        return 1
    fields = [] if answer is None else [str(answer.code).encode(), answer.output, answer.messages]
    connection.sendall(thin_client.packed(fields))
    connection.close()
    for one in request.afterwards if answer else ():
        one()
    return 0


@contextlib.contextmanager
def _listening(path: Path) -> Iterator[socket.socket]:
    """Give a socket in a private folder; the lock's holder may remove what another left there."""
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise FileExistsError(17, "it exists and is no socket")
        path.unlink()
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        listener.bind(str(path))
        path.chmod(0o600)
        listener.listen(_WAITING)
        place = path.lstat()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        try:
            yield listener
        finally:
            if _is_at(path, place):
                path.unlink()
                path.with_suffix(".lock").unlink(missing_ok=True)


def _no_place() -> str:
    raise TokenwardError(
        "There is no daemon here: it needs Linux and XDG_RUNTIME_DIR, a folder that only you may enter; commands work "
        "without it."
    )


def _load_values() -> Sequence[RequestKind]:
    from tokenward.cli.daemon.values import load_values

    return load_values()


def _load_hooks() -> Sequence[RequestKind]:
    from tokenward.cli.daemon.hooks import load_hooks

    return load_hooks()


VALUES = Role(thin_client.DAEMON, _load_values)
HOOKS = Role(thin_client.HOOKS_DAEMON, _load_hooks, is_apart=True)
"""An agent may start a daemon with this role, so its answers give no value to anyone."""
