"""SocketServer: the socket where commands in terminals ask the user before they use a token."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from tokenward.custody.callers.callers import Caller, caller, server
from tokenward.custody.sockets import registry
from tokenward.custody.sockets.client import LARGEST_MESSAGE, Peer, peer_of, watching_peer
from tokenward.errors import ApprovalDenied, StateDamaged, TokenwardError
from tokenward.lsp.approval.ask_user import Approvals, PersonAtClient
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.model import Reference
from tokenward.operations.approval.approval import ApprovalAnswer, ApprovalQuestion
from tokenward.operations.approval.messages import ReceivedQuestion, Refusal, written_reply
from tokenward.operations.context import Context
from tokenward.operations.editor_vault import messages
from tokenward.operations.editor_vault.messages import VaultAction, VaultOutcome, VaultRequest, VaultResponse
from tokenward.operations.use import Purpose, Use
from tokenward.presentation import approvals as words

MOST_AT_ONCE = 4
MOST_CONNECTIONS = 64
PATIENCE = 5.0
"""Seconds within which a question must arrive, and its answer must be read."""
POLL_SECONDS = 2.0


class EditorVaultRequests:
    """Checks bindings and leases here, for the caller that the system reports; the command decides nothing.

    Requests have their own threads, because a person may take a while to approve one.
    """

    def __init__(self, session: Session, vault: VaultAccess, approvals: Approvals) -> None:
        self._session = session
        self._vault_access = vault
        self._approvals = approvals
        self._threads = ThreadPoolExecutor(MOST_AT_ONCE, "tokenward-errands")

    async def run(self, request: VaultRequest, asker: Caller, is_gone: Callable[[], bool]) -> VaultOutcome:
        """Carry out a request.

        Args:
            request: what to do.
            asker: the process that makes the request.
            is_gone: returns whether nothing waits for the answer now.
        """
        if request.action is VaultAction.ENTER:
            return await self._enter(request.question.by(asker), is_gone)
        work = partial(self._run, request, asker, is_gone)
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _enter(self, question: ApprovalQuestion, is_gone: Callable[[], bool]) -> VaultOutcome:
        """Have the user enter the value of a token, and store it; the command that asks gets no value."""
        (reference,), folder = question.references, question.folder
        if not self._vault_access.can_ask_hidden:
            return Refusal.MUTE
        if await self._approvals.in_thread(partial(_leads_elsewhere, folder)):
            return Refusal.ELSEWHERE
        # The user approves first, so that no program can wear a user down with prompts.
        answer = await self._approvals.ask(replace(question, can_last=False), is_gone)
        if isinstance(answer, Refusal):
            return answer
        if answer.answer is ApprovalAnswer.DENY:
            return ApprovalDenied(words.not_entered(reference.name))
        # Not cancelled with the command, because a prompt stays shown and the user may be typing.
        return await asyncio.shield(self._store_entered(reference, folder, question.caller.possible_agent))

    async def _store_entered(self, reference: Reference, folder: Path, agent: str) -> VaultOutcome:
        try:
            secret = await self._vault_access.ask_hidden(words.enter_prompt(reference.name, agent))
            if secret is None:
                return ApprovalDenied(words.not_entered(reference.name))
            from tokenward.operations.access.put import put  # noqa: PLC0415 - later than the start

            store = partial(put, folder=folder, name=reference.name, secret=secret)
            stored = await self._vault_access.run_in(folder, store)
        except TokenwardError as error:
            return error
        return Refusal.MUTE if stored is None else VaultResponse(changed=stored[1])

    def _run(self, request: VaultRequest, asker: Caller, is_gone: Callable[[], bool]) -> VaultOutcome:
        folder = request.question.folder
        if _leads_elsewhere(folder):
            return Refusal.ELSEWHERE
        if is_gone():
            return Refusal.LATE
        try:
            context = self._vault_access.editor_vault_context(folder)
            if context is None:
                return Refusal.MUTE
            approver = PersonAtClient(self._session, self._approvals, is_gone)
            return _done(replace(context, approver=approver), folder, request, asker)
        except TokenwardError as error:
            return error


def _leads_elsewhere(folder: Path) -> bool:
    """Return whether a path has a link or `..` in it, by which one in an open folder could lead to another folder."""
    return Path(os.path.realpath(folder)) != folder


def _done(context: Context, folder: Path, request: VaultRequest, asker: Caller) -> VaultResponse:
    asked = request.question
    if request.action is VaultAction.VALUES:
        from tokenward.operations.access.resolve import resolve_all  # noqa: PLC0415 - later than the start

        # An assistant, or a process that could be detached from one, needs a person's approval each time,
        # whatever the token's lease allows.
        needs_person = bool(asker.possible_agent) or asker.is_unattended
        use = Use(
            Purpose(asked.purpose), asker, asked.program, asked.command, needs_person, reason=asked.reason
        )
        return VaultResponse(resolve_all(context, folder, asked.references, use))
    (reference,) = asked.references
    context.bindings.check(reference, folder)
    if request.value is not None:
        return VaultResponse(changed=context.vault.put(reference, request.value))
    if asker.possible_agent:
        raise ApprovalDenied(words.agent_removes(asker.possible_agent))
    if asker.is_unattended:
        raise ApprovalDenied(words.UNATTENDED_REMOVES)
    return VaultResponse(changed=context.vault.delete(reference))


class SocketServer:
    """Serves only processes of the same user, and lets the system identify the caller."""

    def __init__(self, session: Session, approvals: Approvals, requests: EditorVaultRequests) -> None:
        self._session = session
        self._approvals = approvals
        self._requests = requests
        self._records = registry.folder_in(session.places.data_dir)
        self._record: registry.SocketRecord | None = None
        self._stop: Callable[[], object] = lambda: None
        self._timer: asyncio.TimerHandle | None = None
        self._connections = 0
        self._editor = 0
        """The client's process id if that process started this server, otherwise 0."""
        self._is_closed = False

    async def open(self) -> None:
        """Accept commands from now on, unless an assistant started this editor and could approve its own requests."""
        await self._approvals.begin()
        if not self._session.capabilities.asks:
            return
        client = self._session.client_process
        own: Caller = await self._approvals.in_thread(partial(server, client or os.getppid()))
        if agent := own.possible_agent:
            self._session.log(words.no_socket(words.opened_by_agent(agent)))
            return
        self._editor = client if any(one.pid == client for one in own.chain) else 0
        try:
            path = await self._listen()
        except (StateDamaged, OSError) as error:
            self._session.log(words.no_socket(str(error)))
            return
        self._record = registry.SocketRecord(path, os.getpid(), ())
        await self._publish_folders()

    def close(self) -> None:
        """Stop accepting commands, and remove the socket."""
        self._is_closed = True
        self._requests.close()
        if self._timer is not None:
            self._timer.cancel()
        self._stop()
        if self._record is not None:
            registry.remove(self._records, self._record)

    async def _listen(self) -> Path:
        """Serve a new socket, or on Windows a named pipe, and return its path."""
        await self._approvals.in_thread(partial(registry.remove_dead, self._records))
        path: Path = await self._approvals.in_thread(partial(registry.socket_path, self._records))
        if sys.platform == "win32":
            from tokenward.custody.sockets.named_pipe import PipeServer  # noqa: PLC0415 - Windows alone

            self._stop = PipeServer(str(path), self._connected, LARGEST_MESSAGE).close
        else:
            listener = await self._approvals.in_thread(partial(self._listener, path))
            server = await asyncio.start_unix_server(self._connected, sock=listener, limit=LARGEST_MESSAGE)
            self._stop = server.close
        return path

    def _listener(self, path: Path) -> socket.socket:
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            listener.bind(str(path))
            path.chmod(0o600)
            listener.listen(MOST_CONNECTIONS)
        except OSError:
            listener.close()
            raise
        return listener

    async def _publish_folders(self) -> None:
        """Record the open folders whenever they have changed."""
        assert self._record is not None  # noqa: S101 - it is open
        session, known = self._session, self._record.folders
        open_now = (*session.folders, *session.homes.values())
        try:
            # Unlike `resolve`, `realpath` never raises.
            folders = await self._approvals.in_thread(
                lambda: tuple(sorted({Path(os.path.realpath(path)) for path in open_now}))
            )
            if folders != known and not self._is_closed:
                self._record = registry.SocketRecord(self._record.socket, self._record.pid, folders)
                await self._approvals.in_thread(partial(registry.publish, self._records, self._record))
        except StateDamaged as error:
            session.log(words.no_socket(str(error)))
            return
        if not self._is_closed:
            loop = asyncio.get_running_loop()
            self._timer = loop.call_later(POLL_SECONDS, lambda: session.start_task(self._publish_folders()))

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve a connection, whose failure does not affect others."""
        self._connections += 1
        try:
            if self._connections <= MOST_CONNECTIONS and not self._is_closed:
                with watching_peer(writer.get_extra_info("socket")) as has_ended:
                    await self._serve(reader, writer, has_ended)
        except (TimeoutError, OSError, ValueError, EOFError, asyncio.LimitOverrunError):
            # Without an answer, the process asks elsewhere.
            pass
        finally:
            self._connections -= 1
            writer.close()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, has_ended: Callable[[], bool]
    ) -> None:
        if sys.platform == "win32":
            from tokenward.custody.sockets.named_pipe import client_of  # noqa: PLC0415 - Windows alone

            peer = Peer(0, client_of(writer))
        else:
            peer = peer_of(writer.get_extra_info("socket"))
        if not peer.is_own:
            return
        line = await asyncio.wait_for(reader.readuntil(b"\n"), PATIENCE)
        answer = await self._answer(peer, messages.read(line), reader, has_ended)
        if answer is not None and not has_ended():
            writer.write(answer + b"\n")
            await asyncio.wait_for(writer.drain(), PATIENCE)

    async def _answer(
        self,
        peer: Peer,
        request: ReceivedQuestion | VaultRequest,
        reader: asyncio.StreamReader,
        has_ended: Callable[[], bool],
    ) -> bytes | None:
        """Return the answer; None if the requesting process has ended."""
        asked = request.question if isinstance(request, VaultRequest) else request
        # The folder is not resolved, because the disk could hang and a false name gains nothing.
        if self._record is None or not self._record.depth(asked.folder):
            return written_reply(Refusal.ELSEWHERE)
        asker: Caller = await self._approvals.in_thread(partial(caller, peer.pid, self._editor))
        if not asker.chain or has_ended():
            return written_reply(Refusal.MUTE)
        # The process has nothing more to send, so anything that arrives now ends the request.
        end = asyncio.ensure_future(reader.read(1))
        answer = asyncio.ensure_future(self._answer_to(request, asker, lambda: end.done() or has_ended()))
        try:
            await asyncio.wait([end, answer], return_when=asyncio.FIRST_COMPLETED)
            return answer.result() if answer.done() else None
        finally:
            for each in (end, answer):
                each.cancel()
                with contextlib.suppress(asyncio.CancelledError, OSError):
                    await each

    async def _answer_to(
        self, request: ReceivedQuestion | VaultRequest, asker: Caller, is_gone: Callable[[], bool]
    ) -> bytes:
        if isinstance(request, VaultRequest):
            return messages.written_outcome(await self._requests.run(request, asker, is_gone))
        return written_reply(await self._approvals.ask(request.by(asker), is_gone))
