"""Asking at a door; the system says who stands at its other side, and not they themselves."""

from __future__ import annotations

import os
import socket
import struct
import sys
import time
from dataclasses import dataclass

from tokenward.custody.callers.callers import caller
from tokenward.custody.sockets.registry import Door

LARGEST_MESSAGE = 200_000
"""Bytes of a question or an answer, its line end included."""
ARE_POSSIBLE = sys.platform != "win32"
"""Whether there are doors here: on Windows Python has no sockets that only their user can reach."""

_CONNECT_SECONDS = 2.0
_MOMENT = 0.02
# <sys/un.h> of macOS; Python has no names for them.
_SOL_LOCAL, _LOCAL_PEERCRED, _LOCAL_PEERPID = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Peer:
    """The process at the other end of a socket."""

    uid: int
    pid: int

    @property
    def is_own(self) -> bool:
        return self.uid == os.geteuid()


def peer_of(connection: socket.socket) -> Peer:
    """Who is at the other end, as the system says.

    Raises:
        OSError: the system does not.
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


def knock(door: Door, message: bytes, patience: float, largest: int = LARGEST_MESSAGE) -> bytes:
    """Say a line at a door; the line that comes back, of so many bytes at most. Blocks.

    A door that an AI assistant opened is passed by: it would answer itself.

    Raises:
        OSError: nobody is there, it is somebody else, or no whole answer came in time.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        _connect(connection, door)
        peer = peer_of(connection)
        if not peer.is_own or peer.pid != door.pid or caller(peer.pid).agent:
            raise PermissionError
        connection.sendall(message + b"\n")
        return _line(connection, time.monotonic() + patience, largest)


def _connect(connection: socket.socket, door: Door) -> None:
    deadline = time.monotonic() + _CONNECT_SECONDS
    connection.settimeout(_CONNECT_SECONDS)
    while True:
        try:
            return connection.connect(str(door.socket))
        except BlockingIOError:
            # Too many stand before it at this moment.
            if time.monotonic() > deadline:
                raise
            time.sleep(_MOMENT)


def _line(connection: socket.socket, deadline: float, largest: int) -> bytes:
    """What comes up to the end of a line."""
    received = bytearray()
    while not received.endswith(b"\n"):
        connection.settimeout(max(0.01, deadline - time.monotonic()))
        portion = connection.recv(65536)
        received += portion
        if not portion or len(received) > largest or time.monotonic() > deadline:
            raise ConnectionError
    return bytes(received[:-1])
