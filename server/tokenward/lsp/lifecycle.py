"""initialize, initialized, shutdown: builds, starts and ends the parts of a session."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path

from lsprotocol import types

from tokenward.custody.callers.processes import watch_process
from tokenward.detection.engine import Detector
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.language import said, speak
from tokenward.lsp import configuration
from tokenward.lsp.approval.ask_user import Approvals, EditorApprover
from tokenward.lsp.approval.socket_server import EditorVaultRequests, SocketServer
from tokenward.lsp.client.capabilities import ClientCapabilities
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.progress import PATIENCE, ProgressBar
from tokenward.lsp.client.protocol import TokenwardServer
from tokenward.lsp.client.provider_requests import ProviderRequests
from tokenward.lsp.client.repeated_checks import GuardWatch, TokenList
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import VaultAccess
from tokenward.lsp.diagnostics.delivery import Delivery
from tokenward.lsp.diagnostics.open_folders import OpenFolders
from tokenward.lsp.diagnostics.scheduler import ScanScheduler
from tokenward.lsp.diagnostics.shown_findings import ShownFindings
from tokenward.lsp.features import pull
from tokenward.lsp.loading import LoadingScanner, later, load_handlers
from tokenward.lsp.parts import Parts
from tokenward.lsp.terminals.other_shells import OtherShells
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.files.writes_under_way import clear_up
from tokenward.places import Places
from tokenward.presentation import wording
from tokenward.settings import load_settings
from tokenward.sources.malloc import release_freed_memory

ANSWER_SECONDS = 2.0
"""Seconds for which scans wait for the settings of a client; one that never answers has the defaults."""

IDLE_SECONDS = 120.0
"""Seconds without a scan after which the rules are let go."""


def build_parts(server: TokenwardServer, places: Places, scanner: LoadingScanner) -> Parts:
    """Build the parts for a client, and let the server close them when it ends."""
    session = Session(server, places)
    approvals = Approvals(session)
    vault = VaultAccess(session, EditorApprover(session, approvals))
    delivery = Delivery(server)
    shown = ShownFindings(session, delivery, vault)
    scheduler = ScanScheduler(session, shown)
    open_folders = OpenFolders(
        session, shown, scheduler, lambda: session.start_task(configuration.adopt(parts))
    )
    terminals = Terminals(session, shown)
    parts = Parts(
        session=session,
        loading=scanner,
        vault=vault,
        delivery=delivery,
        shown=shown,
        scheduler=scheduler,
        open_folders=open_folders,
        terminals=terminals,
        other_shells=OtherShells(session, terminals),
        tokens=TokenList(session),
        guards=GuardWatch(session, lambda sentences: later("commands.agents", "warn")(parts, sentences)),
        provider_requests=ProviderRequests(session),
        socket=SocketServer(session, approvals, EditorVaultRequests(session, vault, approvals)),
    )
    server.endings = [
        parts.socket.close,
        approvals.close,
        scheduler.close,
        open_folders.close,
        shown.lease_notes.close,
        parts.other_shells.close,
        parts.tokens.close,
        parts.guards.close,
        terminals.close,
        parts.provider_requests.close,
        vault.close,
        session.close,
    ]
    return parts


def initialize(parts: Parts, params: types.InitializeParams) -> None:
    """Read the client's capabilities, folders and settings."""
    session, loop = parts.session, asyncio.get_running_loop()
    session.loop = loop
    if params.process_id is not None:
        watch_process(params.process_id, lambda: loop.call_soon_threadsafe(session.server.abandon))
    options = params.initialization_options
    sent = dict(options) if isinstance(options, dict) else {}
    applies_edits = sent.pop("appliesEdits", False) is True
    session.capabilities = ClientCapabilities.of(params.capabilities, applies_edits=applies_edits)
    session.client_process = params.process_id or 0
    speak(params.locale)
    client = params.client_info.name if params.client_info else ""
    session.is_neovim, session.is_lsp_mode = client == "Neovim", client == "emacs"
    session.folders = configuration.first_folders(params)
    session.sent_settings = sent if isinstance(options, dict) else options
    session.editor_settings = {None: session.sent_settings}
    pull.announce(parts)


async def initialized(parts: Parts, _: types.InitializedParams) -> None:
    """Start the parts: those that need no rules at once, the others once the rules are loaded."""
    session = parts.session
    session.start_task(configuration.register(session))
    session.start_task(parts.socket.open())
    configured = session.start_task(configuration.load(parts))
    parts.tokens.begin()
    parts.guards.begin()
    try:
        scanner = await _loaded(parts)
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        is_named = isinstance(error, TokenwardError)
        session.show_message(str(error) if is_named else wording.starting_failed(type(error).__name__))
        parts.delivery.give_up()
        return
    # Somebody who has switched scanning off must not see a finding first.
    await asyncio.wait([configured], timeout=ANSWER_SECONDS)
    session.scanner = scanner
    session.journal.apply_retention(lambda: load_settings(session.places, None)[0])
    parts.scheduler.scan_folder(None)
    parts.open_folders.update()
    parts.terminals.scan_waiting()
    parts.other_shells.begin()
    session.start_task(parts.shown.lease_notes.begin())
    settle = partial(_settle_moves, editor=LspEditor(session), notes=session.places.writes)
    for sentence in await parts.vault.run(settle) or ():
        session.show_message(sentence)
    # So that the first token, and the first file that has its own rules, need not wait.
    await session.in_scan_thread(scanner.detector.load_whole)
    await asyncio.to_thread(load_handlers)
    session.start_task(_release_when_idle(session, scanner.detector))


async def _release_when_idle(session: Session, detector: Detector) -> None:
    """Give the memory of the rules back to the system whenever nothing was scanned for a while."""
    while True:
        await asyncio.sleep(IDLE_SECONDS)
        if await session.in_scan_thread(partial(detector.release, IDLE_SECONDS)):
            await session.in_scan_thread(release_freed_memory)


async def _loaded(parts: Parts) -> Scanner:
    """Return the scanner, with a progress bar while its rules are compiled."""
    loading = asyncio.wrap_future(parts.loading)
    await asyncio.wait([loading], timeout=PATIENCE)
    if loading.done() or not parts.loading.is_compiling:
        return await loading
    bar = ProgressBar(parts.session, said(wording.COMPILING))
    try:
        return await loading
    finally:
        bar.end("")


def _settle_moves(context: Context, *, editor: Editor, notes: Path) -> list[str]:
    """Settle the moves that a crash interrupted; use the keyring only if there are any."""
    from tokenward.operations.recovery import recover  # noqa: PLC0415 - the first diagnostics do not need it

    return [*clear_up(notes), *recover(context, editor)]


def shutdown(parts: Parts, _: None) -> None:
    """End the session's work."""
    for ending in parts.session.server.endings:
        ending()
