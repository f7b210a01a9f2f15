"""create_server(): the table from method to handler. Start reading here."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward import __version__
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.lsp import code_actions, commands, configuration, documents, neovim, notebooks, recovery
from tokenward.lsp.convert import chosen_encoding
from tokenward.lsp.diagnostics import Publisher
from tokenward.lsp.guard import guard
from tokenward.lsp.keeping import Keeping
from tokenward.lsp.protocol import Protocol, TokenwardServer
from tokenward.lsp.session import Session
from tokenward.names import COMMAND_IGNORE, COMMAND_MOVE, SERVER_NAME
from tokenward.places import Places
from tokenward.presentation import wording

log = logging.getLogger("tokenward.lsp")


def create_server(places: Places, scanner: Future[Scanner]) -> TokenwardServer:
    """A server with every feature registered; one a client, because it holds the client's documents."""
    server = TokenwardServer(
        SERVER_NAME,
        __version__,
        protocol_cls=Protocol,
        text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
        notebook_document_sync=notebooks.SYNC,
    )
    session = Session(server, places)
    publisher = Publisher(session)
    keeping = Keeping(session)
    offers = code_actions.Offers(session, keeping)
    server.endings = [publisher.close, keeping.close, session.close]
    handlers: dict[str, Any] = {
        types.INITIALIZE: partial(_initialize, session),
        types.INITIALIZED: partial(_initialized, session, publisher, keeping, scanner),
        types.SHUTDOWN: partial(_shutdown, server),
        types.TEXT_DOCUMENT_DID_OPEN: partial(documents.did_open, session, publisher),
        types.TEXT_DOCUMENT_DID_CHANGE: partial(documents.did_change, session, publisher),
        types.TEXT_DOCUMENT_DID_SAVE: partial(documents.did_save, session, publisher),
        types.TEXT_DOCUMENT_DID_CLOSE: partial(documents.did_close, session, publisher, offers),
        types.NOTEBOOK_DOCUMENT_DID_OPEN: partial(notebooks.did_open, session, publisher),
        types.NOTEBOOK_DOCUMENT_DID_CHANGE: partial(notebooks.did_change, session, publisher),
        types.NOTEBOOK_DOCUMENT_DID_CLOSE: partial(notebooks.did_close, session, publisher),
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: partial(configuration.did_change, session, publisher),
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: partial(
            configuration.did_change_folders, session, publisher
        ),
        types.TEXT_DOCUMENT_CODE_ACTION: partial(code_actions.code_action, session, offers),
    }
    for method, handler in handlers.items():
        server.feature(method, _OPTIONS.get(method))(guard(handler, session.tell))
    server.command(COMMAND_MOVE)(_command(guard(partial(commands.move, session, keeping), session.tell)))
    server.command(COMMAND_IGNORE)(_command(guard(partial(commands.ignore, session, keeping), session.tell)))
    return server


def _command(guarded: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose parameter pygls can look at: on Python 3.10 it fails at one of the type `Any`."""

    async def run(argument: dict) -> None:  # type: ignore[type-arg] # an alias such as `dict[str, Any]` fails too
        await guarded(argument)

    return run


_OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix]
    )
}


def _initialize(session: Session, params: types.InitializeParams) -> None:
    session.capabilities = params.capabilities
    session.is_neovim = params.client_info is not None and params.client_info.name == neovim.NAME
    session.encoding = chosen_encoding(params.capabilities)
    session.folders = configuration.first_folders(params)
    session.editor_settings = {None: params.initialization_options}


async def _initialized(
    session: Session,
    publisher: Publisher,
    keeping: Keeping,
    scanner: Future[Scanner],
    _: types.InitializedParams,
) -> None:
    session.start(configuration.watch(session))
    session.start(configuration.first(session, publisher))
    try:
        session.scanner = await asyncio.wrap_future(scanner)
    except TokenwardError as error:
        session.tell(str(error))
        return
    except Exception as error:  # noqa: BLE001
        session.tell(wording.starting_failed(type(error).__name__))
        return
    publisher.all_again()
    await recovery.tell_cut_off_moves(session, keeping)


def _shutdown(server: TokenwardServer, _: None) -> None:
    for ending in server.endings:
        ending()
