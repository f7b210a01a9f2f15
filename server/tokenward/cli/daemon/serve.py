"""serve: the daemon, which has loaded what an answer needs, and forks a process for each."""

from __future__ import annotations

import contextlib
import gc
import importlib
import os
import select
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from tokenward import thin_client
from tokenward.cli.daemon.answer import KINDS, RequestKind, handle
from tokenward.cli.daemon.client import Client, Refused
from tokenward.cli.daemon.installed import Installed
from tokenward.cli.support.start_daemon import is_wanted
from tokenward.custody.callers.asker import serve_process
from tokenward.errors import TokenwardError
from tokenward.places import make_private_folder, shown
from tokenward.vault.file_lock import try_lock

IDLE_SECONDS = 900.0
MOST_AT_ONCE = 16
LONGEST_ANSWER = 20.0
"""Seconds after which the process that works on an answer is killed."""
REST_SECONDS = 60.0
"""Seconds without a request after which a daemon lets go of what it can load again."""
LOOK_SECONDS = 5.0
"""Seconds between two checks that clients still find the socket."""
TURNED_OFF = 3
"""Exit code of a fork whose user wants no daemon."""
_REQUEST_SECONDS = 2.0
_NEEDED = (
    "cryptography.hazmat.backends.openssl.backend",
    "tokenward.cli.support.ask_person",
    "tokenward.cli.support.passphrase",
    "tokenward.custody.store.fingerprints",
    "tokenward.operations.access.resolve",
    "tokenward.operations.command_words",
    "tokenward.operations.credentials.protocols",
    "tokenward.operations.credentials.workspace_credentials",
    "tokenward.operations.environment_files.find_files",
    "tokenward.operations.run.environment",
    "tokenward.vault.secret_service",
)


def serve_values(idle: float = IDLE_SECONDS) -> None:
    """Answer requests for values as `serve` does.

    Raises:
        TokenwardError: there is no private folder for a socket, or a daemon runs already or is turned off.
    """
    serve(thin_client.DAEMON, _NEEDED, lambda: KINDS, idle)


def serve(
    daemon: tuple[str, ...],
    needed: Sequence[str],
    load: Callable[[], Sequence[RequestKind]],
    idle: float = IDLE_SECONDS,
    rest: Callable[[bool], None] = lambda _: None,
) -> None:
    """Answer requests until none has come for a while, the code changes, the user turns it off, or its socket is gone.

    Args:
        daemon: the command line by which clients know this process.
        needed: modules that an answer loads late, so that a fork has them already.
        load: loads what else answers need, and returns the kinds of requests that are answered.
        idle: seconds without a request after which it ends.
        rest: is called with True after REST_SECONDS without a request, and with False after the next one.

    Raises:
        TokenwardError: there is no private folder for a socket, or a daemon runs already or is turned off.
    """
    installed = Installed()
    if not is_wanted():
        raise TokenwardError("The setting `daemon` turns it off; remove it from your settings to use one.")
    path = Path(thin_client.socket_path(daemon) or _no_place())
    try:
        make_private_folder(path.parent)
        lock = os.open(
            path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        if not thin_client.is_private(str(path.parent)):
            _no_place()
        if not try_lock(lock):
            raise TokenwardError("A daemon is running already; it ends by itself.")
        # First, because a client does not wait for it.
        for module in needed:
            importlib.import_module(module)
        kinds = load()
        gc.freeze()
        with _listening(path) as listener:
            _accept(listener, kinds, idle, installed, rest)
    except OSError as error:
        raise TokenwardError(
            f"The daemon cannot listen on {shown(path)} ({error.strerror}); commands work without it."
        ) from None


def _accept(
    listener: socket.socket,
    kinds: Sequence[RequestKind],
    idle: float,
    installed: Installed,
    rest: Callable[[bool], None],
) -> None:
    """Fork for each connection; nothing is read from one here, so that no client can delay another."""
    children = dict[int, float]()
    path, asked = Path(listener.getsockname()), time.monotonic()
    place, is_resting = path.lstat(), False
    while children or time.monotonic() < asked + idle:
        ready = select.select([listener], [], [], 0.2 if children else min(idle, LOOK_SECONDS))[0]
        if _reap(children) == TURNED_OFF or not _is_at(path, place):
            return
        if ready:
            asked = time.monotonic()
            connection, _ = listener.accept()
            with connection:
                if installed.is_changed():
                    return
                if len(children) < MOST_AT_ONCE:
                    children[_fork(listener, connection, kinds)] = asked + LONGEST_ANSWER
        if is_resting != (time.monotonic() > asked + REST_SECONDS):
            is_resting = not is_resting
            rest(is_resting)


def _reap(children: dict[int, float]) -> int:
    """Wait for children that have ended, and end those that take too long; return the highest exit code."""
    codes = [0]
    for child, end in [*children.items()]:
        if time.monotonic() > end:
            with contextlib.suppress(OSError):
                os.kill(child, signal.SIGKILL)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            codes.append(os.waitstatus_to_exitcode(status))
            del children[child]
    return max(codes)


def _is_at(path: Path, place: os.stat_result) -> bool:
    """Return whether a socket is still where it was bound."""
    try:
        return os.path.samestat(path.lstat(), place)
    except OSError:
        return False


def _fork(listener: socket.socket, connection: socket.socket, kinds: Sequence[RequestKind]) -> int:
    """Answer a connection in a new process, and return its id."""
    child = os.fork()
    if child:
        return child
    code = 1
    # Nothing of the daemon, such as the removal of its socket, runs in the fork.
    with contextlib.suppress(BaseException):
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        listener.close()
        code = _answer(connection, kinds)
    os._exit(code)


def _answer(connection: socket.socket, kinds: Sequence[RequestKind]) -> int:
    """Serve a connection; without an answer, the client does the work itself."""
    connection.settimeout(_REQUEST_SECONDS)
    try:
        client = Client(connection)
        request = client.request()
        client.enter_its_place()
        if not is_wanted():
            return TURNED_OFF
        serve_process(client.pid)
        answer = handle(request, kinds)
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
        listener.listen(MOST_AT_ONCE)
        place = path.lstat()
        signal.signal(signal.SIGTERM, lambda *_: sys.exit())
        try:
            yield listener
        finally:
            if _is_at(path, place):
                path.unlink()


def _no_place() -> str:
    raise TokenwardError(
        "There is no daemon here: it needs Linux and XDG_RUNTIME_DIR, a folder that only you may enter; commands work "
        "without it."
    )
