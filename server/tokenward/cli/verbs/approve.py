"""`tokenward approve`: answer what waits for a person, in a terminal of that person's own."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from tokenward.cli.support.ask_person import ask_here
from tokenward.cli.support.person import require_person
from tokenward.cli.support.terminal import note, say
from tokenward.custody.callers.callers import caller
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.client import peer_of, received_line, watching_peer
from tokenward.errors import ApprovalUnavailable, TokenwardError
from tokenward.operations.approval.approval import (
    ANSWER_SECONDS,
    DENIED_SECONDS,
    ApprovalAnswer,
    ApprovalQuestion,
    Reply,
)
from tokenward.operations.approval.messages import ReceivedQuestion, Refusal, written_reply
from tokenward.operations.editor_vault.messages import read
from tokenward.places import Places

_NEEDS_TERMINAL = "Only a person can approve a use of a token; run this in a terminal."
_MOST_WAITING = 16
_PATIENCE = 5.0
"""Seconds within which a question must arrive, and its answer must be read."""


def approve() -> None:
    """Show which commands wait for a person's approval, and take your answers, until you press Ctrl+C.

    For commands that can ask nowhere else: an AI agent's, or a detached process's, where no editor is open.
    """
    if sys.platform == "win32":
        raise TokenwardError("This works on Linux and macOS; answer in the editor or the command's terminal.")
    require_person(_NEEDS_TERMINAL)
    places = Places.of_user()
    desk = _Desk(places)
    with _listening(registry.folder_in(places.data_dir)) as listener, contextlib.suppress(KeyboardInterrupt):
        say("Waiting for commands that need your approval; press Ctrl+C to stop.")
        while True:
            connection, _ = listener.accept()
            with connection, contextlib.suppress(OSError, ValueError), watching_peer(connection) as has_ended:
                desk.serve(connection, has_ended)


@contextlib.contextmanager
def _listening(records: Path) -> Iterator[socket.socket]:
    """Listen where commands look for editors, for every folder; an editor with the folder open is asked first."""
    registry.remove_dead(records)
    path = registry.socket_path(records)
    record = registry.SocketRecord(path, os.getpid(), (Path(path.anchor),))
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
        try:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(_MOST_WAITING)
            registry.publish(records, record)
            yield listener
        finally:
            registry.remove(records, record)


class _Desk:
    """Answers one question at a time, and none of a kind that was just denied."""

    def __init__(self, places: Places) -> None:
        self._places = places
        self._denied: dict[tuple[Path, Path | None], float] = {}

    def serve(self, connection: socket.socket, has_ended: Callable[[], bool]) -> None:
        """Answer a process, which the system identifies, and nobody else who holds its connection."""
        peer = peer_of(connection)
        if not peer.is_own:
            return
        received, asker = read(received_line(connection, _PATIENCE)), caller(peer.pid)
        # It has nothing more to send.
        if not asker.chain or has_ended() or select.select([connection], [], [], 0)[0]:
            return
        # Where the editor keeps the tokens, only the editor has them.
        reply = (
            self._reply(received.by(asker)) if isinstance(received, ReceivedQuestion) else Refusal.ELSEWHERE
        )
        connection.settimeout(_PATIENCE)
        if not has_ended():
            connection.sendall(written_reply(reply) + b"\n")

    def _reply(self, question: ApprovalQuestion) -> Reply | Refusal:
        lane = question.folder, question.program
        if time.monotonic() - self._denied.get(lane, -DENIED_SECONDS) < DENIED_SECONDS:
            return Refusal.DENIED
        say(f"A question, open for {ANSWER_SECONDS:.0f} s:")
        try:
            reply = ask_here(self._places, replace(question, can_last=False))
        except ApprovalUnavailable as error:
            note(error)
            return Refusal.LATE
        if reply.answer is ApprovalAnswer.DENY:
            self._denied[lane] = time.monotonic()
        return reply
