"""create_server(): the table from method to handler. Start reading here."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward import __version__
from tokenward.findings.scan import Scanner
from tokenward.lsp import configuration, lifecycle
from tokenward.lsp.client.guard import failing, guard
from tokenward.lsp.client.protocol import Protocol, TokenwardServer
from tokenward.lsp.commands import check_and_revoke, move_and_ignore, rename_and_delete
from tokenward.lsp.diagnostics import notebooks, sync
from tokenward.lsp.diagnostics.open_folders import did_change_watched_files
from tokenward.lsp.features import (
    code_actions,
    completion,
    definition,
    hover,
    inlay_hints,
    launch,
    lease_actions,
    paste,
    report,
)
from tokenward.lsp.lifecycle import Parts
from tokenward.lsp.terminals import terminal_actions, terminal_commands, transcripts
from tokenward.names import (
    COMMAND_ALLOW,
    COMMAND_CHECK,
    COMMAND_DELETE,
    COMMAND_FIND,
    COMMAND_FORGET,
    COMMAND_IGNORE,
    COMMAND_LEASE,
    COMMAND_MOVE,
    COMMAND_PAGE,
    COMMAND_RENAME,
    COMMAND_REVOKE,
    COMMAND_SCAN,
    COMMAND_STORE,
    METHOD_LAUNCH,
    METHOD_PASTE,
    METHOD_PASTE_STORE,
    METHOD_REPORT,
    METHOD_TERMINAL_DATA,
    METHOD_TERMINAL_END,
    METHOD_TOKENS,
    METHOD_TRANSCRIPT,
    SERVER_NAME,
)
from tokenward.places import Places


def create_server(places: Places, scanner: Future[Scanner]) -> TokenwardServer:
    """A server with every feature registered; one a client, because it holds the client's documents."""
    server = TokenwardServer(
        SERVER_NAME,
        __version__,
        protocol_cls=Protocol,
        text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
        notebook_document_sync=notebooks.SYNC,
    )
    parts = Parts.of(server, places)
    session, workspace, terminals = parts.session, parts.workspace, parts.terminals
    for method, handler in _handlers(parts, scanner, server).items():
        server.feature(method, _OPTIONS.get(method))(guard(handler, session.tell))
    for name, command in _COMMANDS.items():
        server.command(name)(_command(parts, partial(command, session, parts.keeping)))
    for name, asks in _ASKING_COMMANDS.items():
        server.command(name)(_command(parts, partial(asks, parts.asking)))
    for name, acts in _TERMINAL_COMMANDS.items():
        server.command(name)(_command(parts, partial(acts, terminals, parts.keeping)))
    limit = partial(lease_actions.lease, session, parts.keeping, parts.lease_notes)
    server.command(COMMAND_LEASE)(_command(parts, limit))

    def scan() -> None:
        workspace.look_again()

    server.command(COMMAND_SCAN)(scan)
    return server


def _handlers(parts: Parts, scanner: Future[Scanner], server: TokenwardServer) -> dict[str, Any]:
    """The table from protocol method to handler."""
    session, publisher = parts.session, parts.publisher
    workspace, terminals = parts.workspace, parts.terminals
    did_open = partial(sync.did_open, session, publisher)
    did_close = partial(sync.did_close, session, publisher, workspace, parts.offers)
    on_tokens = partial(code_actions.code_action, session, parts.offers)
    code_action = partial(lease_actions.code_action, session, parts.keeping, on_tokens)
    return {
        types.INITIALIZE: partial(lifecycle.initialize, parts, server),
        types.INITIALIZED: partial(lifecycle.initialized, parts, scanner),
        types.SHUTDOWN: partial(lifecycle.shutdown, server),
        types.TEXT_DOCUMENT_DID_OPEN: partial(transcripts.did_open, terminals, did_open),
        types.TEXT_DOCUMENT_DID_CHANGE: partial(sync.did_change, session, publisher),
        types.TEXT_DOCUMENT_DID_SAVE: partial(sync.did_save, workspace),
        types.TEXT_DOCUMENT_DID_CLOSE: partial(transcripts.did_close, terminals, did_close),
        types.NOTEBOOK_DOCUMENT_DID_OPEN: partial(notebooks.did_open, session, publisher),
        types.NOTEBOOK_DOCUMENT_DID_CHANGE: partial(notebooks.did_change, session, publisher),
        types.NOTEBOOK_DOCUMENT_DID_CLOSE: partial(notebooks.did_close, session, publisher, workspace),
        types.WORKSPACE_DID_CHANGE_CONFIGURATION: partial(
            configuration.did_change, session, publisher, workspace
        ),
        types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: partial(
            configuration.did_change_folders, session, publisher, workspace
        ),
        types.WORKSPACE_DID_CHANGE_WATCHED_FILES: partial(did_change_watched_files, workspace),
        types.TEXT_DOCUMENT_CODE_ACTION: partial(
            terminal_actions.code_action, terminals, parts.keeping, code_action
        ),
        types.TEXT_DOCUMENT_CODE_LENS: partial(terminal_actions.code_lens, terminals, parts.keeping),
        types.TEXT_DOCUMENT_HOVER: partial(
            transcripts.hover, terminals, partial(hover.hover, session, parts.keeping)
        ),
        types.TEXT_DOCUMENT_COMPLETION: partial(completion.completion, session, parts.keeping),
        types.TEXT_DOCUMENT_DEFINITION: partial(definition.definition, session, parts.keeping),
        types.TEXT_DOCUMENT_INLAY_HINT: partial(inlay_hints.inlay_hint, session, parts.keeping),
        METHOD_TERMINAL_DATA: terminals.data,
        METHOD_TERMINAL_END: terminals.end,
        METHOD_TRANSCRIPT: partial(transcripts.transcript, terminals),
        METHOD_PASTE: partial(paste.paste, session, parts.keeping),
        METHOD_PASTE_STORE: partial(paste.store, session, parts.keeping),
        METHOD_TOKENS: parts.tokens.tokens,
        METHOD_REPORT: partial(report.report, session),
        METHOD_LAUNCH: failing(partial(launch.launch, session, parts.keeping)),
    }


def _command(parts: Parts, command: Callable[..., Any]) -> Callable[..., Any]:
    guarded = guard(command, parts.session.tell)

    async def run(argument: Any) -> None:
        await guarded(argument)
        parts.tokens.look()

    return run


_COMMANDS = {
    COMMAND_MOVE: move_and_ignore.move,
    COMMAND_IGNORE: move_and_ignore.ignore,
    COMMAND_ALLOW: move_and_ignore.allow,
}
_ASKING_COMMANDS = {
    COMMAND_CHECK: check_and_revoke.check,
    COMMAND_REVOKE: check_and_revoke.revoke,
    COMMAND_RENAME: rename_and_delete.rename,
    COMMAND_DELETE: rename_and_delete.delete,
    COMMAND_PAGE: check_and_revoke.open_page,
}
_TERMINAL_COMMANDS = {
    COMMAND_STORE: terminal_commands.store,
    COMMAND_FIND: terminal_commands.find,
    COMMAND_FORGET: terminal_commands.forget,
}
_OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor]
    ),
    types.TEXT_DOCUMENT_COMPLETION: completion.OPTIONS,
}
