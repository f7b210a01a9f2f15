"""The door of this server: the socket at which commands in terminals ask its user before they use a token."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path

from tokenward.custody.callers.callers import Caller, caller
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.client import ARE_POSSIBLE, LARGEST_MESSAGE, Peer, peer_of
from tokenward.errors import StateDamaged
from tokenward.lsp.approval.ask_user import Approvals
from tokenward.lsp.approval.requests import Errands
from tokenward.lsp.client import capabilities
from tokenward.lsp.client.session import Session
from tokenward.operations.approval.messages import Asked, Refusal, written_reply
from tokenward.operations.editor_vault import messages
from tokenward.operations.editor_vault.messages import Errand
from tokenward.presentation import approvals as words

MOST_CONNECTIONS = 64
PATIENCE = 5.0
"""Seconds in which a question has to be said, and its answer taken."""
LOOK_SECONDS = 2.0


class Door:
    """Lets in processes of the same user alone, and finds out from the system which of them asks."""

    def __init__(self, session: Session, approvals: Approvals, errands: Errands) -> None:
        self._session = session
        self._approvals = approvals
        self._errands = errands
        self._records = registry.folder_in(session.places.data_dir)
        self._door: registry.Door | None = None
        self._server: asyncio.AbstractServer | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._connections = 0
        self._editor = 0
        """The process of the client, as far as it is the one that started this server."""
        self._is_closed = False

    async def open(self) -> None:
        """Let commands ask from now on, unless an assistant started this editor: it could answer itself."""
        await self._approvals.begin()
        if not ARE_POSSIBLE or not capabilities.asks(self._session.capabilities):
            return
        own: Caller = await self._approvals.in_thread(partial(caller, os.getpid()))
        if own.agent:
            self._session.log(words.no_socket(words.opened_by_agent(own.agent)))
            return
        client = self._session.client_process
        self._editor = client if any(one.pid == client for one in own.chain) else 0
        try:
            listener, path = await self._approvals.in_thread(self._listener)
        except (StateDamaged, OSError) as error:
            self._session.log(words.no_socket(str(error)))
            return
        self._server = await asyncio.start_unix_server(self._let_in, sock=listener, limit=LARGEST_MESSAGE)
        self._door = registry.Door(path, os.getpid(), ())
        await self._look()

    def close(self) -> None:
        self._is_closed = True
        self._errands.close()
        if self._timer is not None:
            self._timer.cancel()
        if self._server is not None:
            self._server.close()
        if self._door is not None:
            registry.remove(self._records, self._door)

    def _listener(self) -> tuple[socket.socket, Path]:
        registry.remove_dead(self._records)
        path = registry.socket_path(self._records)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(MOST_CONNECTIONS)
        except OSError:
            listener.close()
            raise
        return listener, path

    async def _look(self) -> None:
        """Tell anew which folders are open whenever others are."""
        assert self._door is not None  # noqa: S101 - it is open
        session, known = self._session, self._door.folders
        open_now = (*session.folders, *session.homes.values())
        try:
            folders = await self._approvals.in_thread(lambda: tuple(sorted({*map(_real, open_now)})))
            if folders != known and not self._is_closed:
                self._door = registry.Door(self._door.socket, self._door.pid, folders)
                await self._approvals.in_thread(partial(registry.publish, self._records, self._door))
        except StateDamaged as error:
            session.log(words.no_socket(str(error)))
            return
        if not self._is_closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(LOOK_SECONDS, lambda: session.start(self._look()))

    async def _let_in(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection; whatever comes of it harms no other."""
        self._connections += 1
        try:
            if self._connections <= MOST_CONNECTIONS and not self._is_closed:
                await self._serve(reader, writer)
        except (TimeoutError, OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            # Whoever it is gets no answer and asks elsewhere.
            pass
        finally:
            self._connections -= 1
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = peer_of(writer.get_extra_info("socket"))
        if not peer.is_own:
            return
        line = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE)
        answer = await self._answer(peer, messages.read(line), reader)
        if answer is not None:
            writer.write(answer + b"\n")
            await asyncio.wait_for(writer.drain(), PATIENCE)

    async def _answer(self, peer: Peer, wish: Asked | Errand, reader: asyncio.StreamReader) -> bytes | None:
        """What is to be answered; None when whoever asked has gone."""
        asked = wish.asked if isinstance(wish, Errand) else wish
        # As it is told: looking it up on the disk could take for ever, and a liar gains nothing.
        if self._door is None or not self._door.depth(asked.folder):
            return written_reply(Refusal.ELSEWHERE)
        asker: Caller = await self._approvals.in_thread(partial(caller, peer.pid, self._editor))
        if not asker.chain:
            return written_reply(Refusal.MUTE)
        # Nothing more is to be said, so that anything more is the end of it.
        end = asyncio.ensure_future(reader.read(1))
        answer = asyncio.ensure_future(self._answer_to(wish, asker, end.done))
        try:
            await asyncio.wait([end, answer], return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else None
        finally:
            for each in (end, answer):
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await each

    async def _answer_to(self, wish: Asked | Errand, asker: Caller, is_gone: Callable[[], bool]) -> bytes:
        if isinstance(wish, Errand):
            return messages.written_outcome(await self._errands.run(wish, asker, is_gone))
        return written_reply(await self._approvals.ask(wish.by(asker), is_gone))


def _real(path: Path) -> Path:
    # Unlike `resolve` it never raises.
    return Path(os.path.realpath(path))
