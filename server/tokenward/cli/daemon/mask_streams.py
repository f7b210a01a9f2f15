"""mask_streams: masks the output of a command that the client starts, as `exec --mask` does."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from contextlib import suppress
from socket import MSG_PEEK, socket

from tokenward.cli.daemon.answer import Request
from tokenward.cli.run.watched_command import Watching
from tokenward.cli.support.invocation import Invocation
from tokenward.custody.ledger.database import databases_kept_open
from tokenward.detection.engine import Detector
from tokenward.operations.terminal.relay import Channel, Relay
from tokenward.thin_client import READY


def mask_streams(request: Request, detector: Detector) -> None:
    """Mask the output in the client's pipes until its command has ended, and report the tokens in it.

    Raises:
        TokenwardError: the records cannot be read; the client then does the work itself.
        ValueError: the request is malformed, or new tokens are to be stored, which only the command itself may do.
    """
    connection, (sources, targets) = request.connection, (request.streams[::2], request.streams[1::2])
    if connection is None or len(sources) != len(targets) or not sources:
        raise ValueError
    os.dup2(targets[-1], 2)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    invocation = Invocation.here()
    if invocation.settings.agents_store:
        raise ValueError
    with databases_kept_open():
        watching = Watching.of(invocation, request.words[3:], mask=True, detector=detector)
    with watching.filters() as filter_for:
        channels = [
            Channel(source, target, filter_for(0)) for source, target in zip(sources, targets, strict=True)
        ]
        # The daemon lets it take as long as the command.
        os.setpgid(0, 0)
        request.require_alive()
        connection.settimeout(None)
        connection.sendall(READY)
        try:
            _Served(channels, connection).run()
        finally:
            with suppress(OSError):
                watching.report(next((one.filter.fault for one in channels if one.filter.fault), None))
                sys.stderr.flush()
    connection.sendall(READY)


class _Served(Relay):
    """Passes on the output of a command that another process has started."""

    def __init__(self, channels: Iterable[Channel], connection: socket) -> None:
        super().__init__(0, channels, connection.fileno())
        self._connection = connection

    def _wait(self, sources: list[int], timeout: float | None) -> tuple[list[int], list[int]]:
        found = super()._wait(sources, timeout)
        if self._signals in found[0] and not self._connection.recv(1, MSG_PEEK):
            # The client was killed, and its command is to fail to write, as without a daemon.
            sys.exit(1)
        return found

    def _handle_signal(self, _: int) -> None:
        # The first byte says that the command has ended; a second one, not to wait for programs that it left behind.
        self._is_over = self._status is not None
        self._status = 0
