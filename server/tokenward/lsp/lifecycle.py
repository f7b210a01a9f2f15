"""initialize, initialized, shutdown: the parts of a session, what they wait for, and their end."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from dataclasses import dataclass

from lsprotocol import types

from tokenward.custody.callers.process_end import watch_process
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.lsp import configuration, recovery
from tokenward.lsp.approval.ask_user import Approvals, EditorApprover
from tokenward.lsp.approval.requests import Errands
from tokenward.lsp.approval.socket_server import Door
from tokenward.lsp.client import neovim
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.protocol import TokenwardServer
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.commands.provider_requests import Asking
from tokenward.lsp.diagnostics import pull
from tokenward.lsp.diagnostics.delivery import Display
from tokenward.lsp.diagnostics.open_folders import Workspace
from tokenward.lsp.diagnostics.scheduler import Publisher
from tokenward.lsp.diagnostics.shown_findings import View
from tokenward.lsp.features.code_actions import Offers
from tokenward.lsp.features.lease_notes import LeaseNotes
from tokenward.lsp.features.stored_tokens import TokenList
from tokenward.lsp.terminals.other_shells import Outside
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.places import Places
from tokenward.presentation import wording
from tokenward.settings import load_settings


@dataclass(frozen=True, slots=True)
class Parts:
    """What works for one client."""

    session: Session
    display: Display
    publisher: Publisher
    workspace: Workspace
    keeping: Keeping
    lease_notes: LeaseNotes
    door: Door
    offers: Offers
    asking: Asking
    terminals: Terminals
    outside: Outside
    tokens: TokenList

    @classmethod
    def of(cls, server: TokenwardServer, places: Places) -> Parts:
        session = Session(server, places)
        display = Display(server)
        view = View(session, display)
        publisher = Publisher(session, view)

        def read_settings() -> None:
            session.start(configuration.adopt(session, publisher, workspace))

        workspace = Workspace(session, view, publisher, read_settings)
        approvals = Approvals(session)
        keeping = Keeping(session, EditorApprover(session, approvals))
        door = Door(session, approvals, Errands(session, keeping, approvals))
        lease_notes = LeaseNotes(session, keeping, view.notes_found)
        view.look_too = lease_notes.look
        terminals = Terminals(session, view)
        asking = Asking(session, keeping, terminals)
        outside = Outside(session, terminals)
        tokens = TokenList(session)
        workers = (
            door,
            approvals,
            publisher,
            workspace,
            lease_notes,
            outside,
            tokens,
            terminals,
            asking,
            keeping,
            session,
        )
        server.endings = [worker.close for worker in workers]
        offers = Offers(session, keeping)
        return cls(
            session,
            display,
            publisher,
            workspace,
            keeping,
            lease_notes,
            door,
            offers,
            asking,
            terminals,
            outside,
            tokens,
        )


def initialize(parts: Parts, server: TokenwardServer, params: types.InitializeParams) -> None:
    session, loop = parts.session, asyncio.get_running_loop()
    session.loop = loop
    if params.process_id is not None:
        watch_process(params.process_id, lambda: loop.call_soon_threadsafe(server.abandon))
    session.capabilities = ClientCapabilities.of(params.capabilities)
    session.client_process = params.process_id or 0
    session.is_neovim = params.client_info is not None and params.client_info.name == neovim.NAME
    session.folders = configuration.first_folders(params)
    session.sent_settings = params.initialization_options
    session.editor_settings = {None: session.sent_settings}
    pull.announce(session, parts.display)


async def initialized(parts: Parts, scanner: Future[Scanner], _: types.InitializedParams) -> None:
    session = parts.session
    session.start(configuration.watch(session))
    session.start(parts.door.open())
    session.start(configuration.first(session, parts.publisher, parts.workspace))
    parts.tokens.begin()
    try:
        session.scanner = await asyncio.wrap_future(scanner)
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        is_named = isinstance(error, TokenwardError)
        session.tell(str(error) if is_named else wording.starting_failed(type(error).__name__))
        parts.display.give_up()
        return
    session.journal.keep_to_retention(lambda: load_settings(session.places, None)[0])
    parts.publisher.again(None)
    parts.workspace.update()
    parts.terminals.ready()
    parts.outside.begin()
    session.start(parts.lease_notes.begin())
    await recovery.tell_cut_off_moves(session, parts.keeping)


def shutdown(server: TokenwardServer, _: None) -> None:
    for ending in server.endings:
        ending()
