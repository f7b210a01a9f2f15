"""An EditorVault whose editor is a client behind real streams, in an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any

from pygls.io_ import run_async
from pygls.lsp.client import LanguageClient
from pygls.protocol import JsonRPCProtocol

from lsp_client import keep_secrets
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.protocol import Protocol, TokenwardServer
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import ClientStorage
from tokenward.places import Places
from tokenward.settings import Settings
from tokenward.vault.editor_vault import EditorVault

PATIENCE = 60.0


@contextlib.contextmanager
def editor_vault(
    folder: Path,
    secrets: dict[str, Any],
    *,
    patience: float = PATIENCE,
    offers: bool = True,
    hears: bool = True,
) -> Iterator[tuple[EditorVault, ClientStorage]]:
    """Yield a vault over a client that stores values in a dict, has no storage, or does not answer."""
    with _loop() as loop, contextlib.ExitStack() as stack:
        server = TokenwardServer("test", "1", protocol_cls=Protocol)
        client = LanguageClient("test", "1")
        keep_secrets(client, secrets)
        session = Session(server, Places(folder, folder, folder))
        stack.callback(session.close)
        session.loop, session.settings = loop, Settings(keyring_timeout=patience)
        extensions = frozenset({"secretStorage"} if offers else ())
        session.capabilities = ClientCapabilities(extensions=extensions)
        stop = threading.Event()
        stack.callback(stop.set)
        ours, theirs = socket.socketpair()
        stack.callback(theirs.close)
        for protocol, end in ((server.protocol, ours), (client.protocol, theirs)):
            if hears or end is ours:
                asyncio.run_coroutine_threadsafe(_connected(protocol, end, stop), loop).result(PATIENCE)
        storage = ClientStorage(session)
        stack.callback(storage.close)
        yield EditorVault(storage, folder / "vault.lock", patience), storage


async def _connected(protocol: JsonRPCProtocol, end: socket.socket, stop: threading.Event) -> None:
    reader, writer = await asyncio.open_connection(sock=end)
    protocol.set_writer(writer)
    _in_background(run_async(stop, reader, protocol, error_handler=lambda *_: None))


_TASKS: set[asyncio.Task[Any]] = set()


def _in_background(work: Coroutine[Any, Any, Any]) -> None:
    # A loop holds only weak references to its tasks.
    task = asyncio.get_running_loop().create_task(work)
    _TASKS.add(task)
    task.add_done_callback(_TASKS.discard)


@contextlib.contextmanager
def _loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield loop
    finally:
        asyncio.run_coroutine_threadsafe(_ended(), loop).result(PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE)
        loop.close()


async def _ended() -> None:
    for task in asyncio.all_tasks() - {asyncio.current_task()}:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await task
