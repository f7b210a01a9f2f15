"""Sends a request to a language server's socket after the system has confirmed its owner."""

from __future__ import annotations

import errno
import os
import select
import socket
import struct
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tokenward.custody.callers.callers import caller
from tokenward.custody.callers.processes import user_name
from tokenward.custody.sockets.registry import SocketRecord
from tokenward.fast_dataclasses import dataclass

LARGEST_MESSAGE = 200_000
"""Bytes of a request or a reply, including its line end."""

_CONNECT_SECONDS = 2.0
_PAUSE_SECONDS = 0.02
# From <sys/un.h> of macOS, and Linux' SO_PEERPIDFD; Python has no names for them.
_SOL_LOCAL, _LOCAL_PEERCRED, _LOCAL_PEERPID = 0, 1, 2
_PEER_HANDLE = 77


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of a socket; on Windows, which has no numbers for users, `uid` is 0."""

    uid: int
    pid: int

    @property
    def is_own(self) -> bool:
        """Return whether the process belongs to this user."""
        if sys.platform == "win32":
            return user_name(self.pid) == user_name(os.getpid()) != ""
        return self.uid == os.geteuid()


def peer_of(connection: socket.socket) -> Peer:
    """Return the process at the other end of a socket, as the system reports it.

    Raises:
        OSError: the system does not report it.
    """
    if sys.platform == "linux":
        size = struct.calcsize("3i")
        pid, uid, _ = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
        return Peer(uid, pid)
    if sys.platform == "darwin":
        credentials = connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERCRED, 76)
        (pid,) = struct.unpack("i", connection.getsockopt(_SOL_LOCAL, _LOCAL_PEERPID, 4))
        return Peer(struct.unpack("=II", credentials[:8])[1], pid)
    raise OSError


@contextmanager
def watching_peer(connection: socket.socket) -> Iterator[Callable[[], bool]]:
    """Yield what tells whether the process that connected has ended, after which another may have its id.

    Only Linux tells, and before 6.5 only from now on.

    Raises:
        OSError: it has ended.
    """
    if sys.platform != "linux":
        yield lambda: False
        return
    try:
        handle = connection.getsockopt(socket.SOL_SOCKET, _PEER_HANDLE)
    except OSError as error:
        if error.errno != errno.ENOPROTOOPT:
            raise
        handle = os.pidfd_open(peer_of(connection).pid)
    waiting = select.poll()
    waiting.register(handle)
    try:
        yield lambda: bool(waiting.poll(0))
    finally:
        os.close(handle)


def send_request(
    record: SocketRecord, message: bytes, patience: float, largest: int = LARGEST_MESSAGE
) -> bytes:
    """Send a line and return the reply, which is limited to a number of bytes. Blocks.

    A socket that an AI assistant may have opened is refused, because the assistant would answer itself.

    Raises:
        OSError: nobody listens, another process does, or no complete reply came in time.
    """
    if sys.platform == "win32":
        from tokenward.custody.sockets.named_pipe import Connection  # noqa: PLC0415 - Windows alone

        with Connection(str(record.socket)) as pipe:
            _require_server(Peer(0, pipe.server), record)
            return pipe.exchange(message + b"\n", patience, largest)
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _connect(connection, record)
        _require_server(peer_of(connection), record)
        connection.sendall(message + b"\n")
        return received_line(connection, patience, largest)


def received_line(connection: socket.socket, patience: float, largest: int = LARGEST_MESSAGE) -> bytes:
    """Return a line without its end.

    Raises:
        OSError: it did not come in time, or is too long.
    """
    deadline, received = time.monotonic() + patience, bytearray()
    while not received.endswith(b"\n"):
        connection.settimeout(max(0.01, deadline - time.monotonic()))
        portion = connection.recv(65536)
        received += portion
        if not portion or len(received) > largest or time.monotonic() > deadline:
            raise ConnectionError
    return bytes(received[:-1])


def _require_server(peer: Peer, record: SocketRecord) -> None:
    if not peer.is_own or peer.pid != record.pid or caller(peer.pid, answers=True).possible_agent:
        raise PermissionError


def _connect(connection: socket.socket, record: SocketRecord) -> None:
    deadline = time.monotonic() + _CONNECT_SECONDS
    connection.settimeout(_CONNECT_SECONDS)
    while True:
        try:
            return connection.connect(str(record.socket))
        except BlockingIOError:
            # Too many connections are waiting.
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_SECONDS)
