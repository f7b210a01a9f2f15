"""A process that asks the daemon, as the system describes it."""

from __future__ import annotations

import os
import select
import socket
import struct
import time
from pathlib import Path

from tokenward.cli.daemon.answer import Request
from tokenward.custody.sockets.client import peer_of
from tokenward.thin_client import READY, received, shares_view, unpacked

_CREDENTIALS = struct.Struct("3i")
_MOST_STREAMS, _STREAM = 4, struct.calcsize("i")


class Refused(Exception):
    """The process is not served, and does the work itself."""


class Client:
    """A process of this user that is certain to be the one that connected, and to live until `require_alive`.

    Its process id cannot have passed to another: it was alive to send the request after its handle was opened.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Identify the process at the other end.

        Raises:
            Refused: it belongs to another user, or sees another system than this process.
            OSError: it has ended.
        """
        peer = peer_of(connection)
        if not peer.is_own or peer.pid <= 0 or not shares_view(peer.pid):
            raise Refused
        self.pid = peer.pid
        self._connection = connection
        self._streams = list[int]()
        self._handle = os.pidfd_open(self.pid)

    def request(self) -> Request:
        """Return what it asks for.

        Raises:
            Refused: another process sent it.
            OSError, ValueError: it did not come in time, or is no request.
        """
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._connection.sendall(READY)
        words, given = unpacked(received(self._receive))
        return Request(
            [*map(os.fsdecode, words.split(b"\0"))],
            given,
            self._streams,
            self._connection,
            self.require_alive,
        )

    def require_alive(self) -> None:
        """Raise Refused if it has ended."""
        if select.select([self._handle], [], [], 0)[0]:
            raise Refused

    def enter_its_place(self) -> None:
        """Take its current folder and its environment, as the system reports them.

        Raises:
            OSError: the system does not.
        """
        content = Path("/proc", str(self.pid), "environ").read_bytes()
        pairs = [pair.partition(b"=") for pair in content.split(b"\0") if b"=" in pair]
        os.environb.clear()
        # Of two with one name, the first counts, as for the command itself.
        os.environb.update({name: value for name, _, value in reversed(pairs) if name})
        time.tzset()
        os.chdir(f"/proc/{self.pid}/cwd")

    def _receive(self, most: int) -> bytes:
        """Return up to so many bytes, all sent by this process itself."""
        room = socket.CMSG_SPACE(_CREDENTIALS.size) + socket.CMSG_SPACE(_MOST_STREAMS * _STREAM)
        content, notes, _, _ = self._connection.recvmsg(most, room, socket.MSG_CMSG_CLOEXEC)
        for level, kind, data in notes:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                self._streams += (one for (one,) in struct.iter_unpack("i", data))
        senders = [
            _CREDENTIALS.unpack(data)[:2]
            for level, kind, data in notes
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
        ]
        if content and senders != [(self.pid, os.geteuid())]:
            raise Refused
        return content
