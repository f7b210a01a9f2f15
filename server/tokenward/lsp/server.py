"""The table from method to handler, and create_server(). Start reading here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward import __version__
from tokenward.lsp import configuration, lifecycle
from tokenward.lsp.client.guard import failing, guard
from tokenward.lsp.client.protocol import Protocol, TokenwardServer
from tokenward.lsp.features import documents, notebooks
from tokenward.lsp.lifecycle import build_parts
from tokenward.lsp.loading import LoadingScanner, later
from tokenward.lsp.parts import Parts
from tokenward.names import (
    COMMAND_AGENTS,
    COMMAND_AGENTS_CHECK,
    COMMAND_AGENTS_PROTECT,
    COMMAND_AGENTS_UNDO,
    COMMAND_CHECK,
    COMMAND_COPY_FOR_AI,
    COMMAND_DELETE,
    COMMAND_ENTER,
    COMMAND_FIND,
    COMMAND_FINISH,
    COMMAND_FORGET,
    COMMAND_IGNORE,
    COMMAND_IGNORE_IN_WORKSPACE,
    COMMAND_LEASE,
    COMMAND_MOVE,
    COMMAND_MOVE_ALL,
    COMMAND_PAGE,
    COMMAND_RENAME,
    COMMAND_REVOKE,
    COMMAND_REVOKE_SEEN,
    COMMAND_SCAN,
    COMMAND_STORE,
    COMMAND_STORE_ASIDE,
    METHOD_LAUNCH,
    METHOD_PASTE,
    METHOD_PASTE_STORE,
    METHOD_REPORT,
    METHOD_TERMINAL_DATA,
    METHOD_TERMINAL_END,
    METHOD_TOKENS,
    METHOD_TOKENS_REPLACE,
    METHOD_TRANSCRIPT,
    SERVER_NAME,
)
from tokenward.places import Places
from tokenward.presentation.quick_fixes import MOVE_ALL_KINDS

Handler = Callable[[Parts, Any], Any]

METHODS: dict[str, Handler] = {
    types.INITIALIZE: lifecycle.initialize,
    types.INITIALIZED: lifecycle.initialized,
    types.SHUTDOWN: lifecycle.shutdown,
    types.TEXT_DOCUMENT_DID_OPEN: documents.did_open,
    types.TEXT_DOCUMENT_DID_CHANGE: documents.did_change,
    types.TEXT_DOCUMENT_DID_SAVE: documents.did_save,
    types.TEXT_DOCUMENT_DID_CLOSE: documents.did_close,
    types.NOTEBOOK_DOCUMENT_DID_OPEN: notebooks.did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: notebooks.did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: notebooks.did_close,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: configuration.did_change,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: configuration.did_change_folders,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: documents.did_change_watched_files,
    types.TEXT_DOCUMENT_CODE_ACTION: later("features.code_actions", "code_action"),
    types.TEXT_DOCUMENT_CODE_LENS: later("features.code_lenses", "code_lens"),
    types.TEXT_DOCUMENT_HOVER: later("features.hover", "hover"),
    types.TEXT_DOCUMENT_COMPLETION: later("features.completion", "completion"),
    types.TEXT_DOCUMENT_DEFINITION: later("features.definition", "definition"),
    types.TEXT_DOCUMENT_INLAY_HINT: later("features.inlay_hints", "inlay_hint"),
    METHOD_TERMINAL_DATA: later("features.transcripts", "terminal_data"),
    METHOD_TERMINAL_END: later("features.transcripts", "terminal_end"),
    METHOD_TRANSCRIPT: later("features.transcripts", "transcript"),
    METHOD_PASTE: later("features.paste", "paste"),
    METHOD_PASTE_STORE: later("features.paste", "store"),
    METHOD_TOKENS: later("features.report", "tokens"),
    METHOD_TOKENS_REPLACE: later("commands.replace_value", "replace_value"),
    METHOD_REPORT: later("features.report", "report"),
    METHOD_LAUNCH: failing(later("features.launch", "launch")),
}
"""In addition, `pull.announce` adds two for a client that pulls diagnostics."""

COMMANDS: dict[str, Handler] = {
    COMMAND_MOVE: later("commands.move_and_ignore", "move"),
    COMMAND_MOVE_ALL: later("commands.move_all", "move_all"),
    COMMAND_FINISH: later("commands.finish", "finish"),
    COMMAND_STORE_ASIDE: later("commands.move_and_ignore", "store_aside"),
    COMMAND_IGNORE: later("commands.move_and_ignore", "ignore"),
    COMMAND_IGNORE_IN_WORKSPACE: later("commands.move_and_ignore", "ignore_everywhere"),
    COMMAND_CHECK: later("commands.check_and_revoke", "check"),
    COMMAND_REVOKE: later("commands.check_and_revoke", "revoke"),
    COMMAND_PAGE: later("commands.check_and_revoke", "open_page"),
    COMMAND_RENAME: later("commands.rename_and_delete", "rename"),
    COMMAND_DELETE: later("commands.rename_and_delete", "delete"),
    COMMAND_STORE: later("commands.terminal_commands", "store"),
    COMMAND_ENTER: later("features.enter_token", "enter_token"),
    COMMAND_FIND: later("commands.terminal_commands", "find"),
    COMMAND_FORGET: later("commands.terminal_commands", "forget"),
    COMMAND_LEASE: later("features.lease_actions", "lease"),
    COMMAND_AGENTS: later("commands.agents", "agents"),
    COMMAND_AGENTS_PROTECT: later("commands.agents", "protect"),
    COMMAND_AGENTS_UNDO: later("commands.agents", "undo"),
    COMMAND_AGENTS_CHECK: later("commands.agents", "check"),
    COMMAND_REVOKE_SEEN: later("commands.revoke_seen", "revoke_seen"),
    COMMAND_COPY_FOR_AI: later("commands.copy_for_ai", "copy_for_ai"),
}

OPTIONS: dict[str, Any] = {
    types.TEXT_DOCUMENT_CODE_ACTION: types.CodeActionOptions(
        code_action_kinds=[types.CodeActionKind.QuickFix, types.CodeActionKind.Refactor, *MOVE_ALL_KINDS]
    ),
    types.TEXT_DOCUMENT_COMPLETION: types.CompletionOptions(trigger_characters=[":", "/", "="]),
}


def create_server(places: Places, scanner: LoadingScanner) -> TokenwardServer:
    """Create a server with every handler, for a single client, whose documents it keeps."""
    server = TokenwardServer(
        SERVER_NAME,
        __version__,
        protocol_cls=Protocol,
        text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
        notebook_document_sync=notebooks.SYNC,
    )
    parts = build_parts(server, places, scanner)
    for method, handler in METHODS.items():
        server.feature(method, OPTIONS.get(method))(
            guard(partial(handler, parts), parts.session.show_message)
        )
    for name, command in COMMANDS.items():
        server.command(name)(_command(parts, command))

    def scan() -> None:
        parts.open_folders.scan_again()

    server.command(COMMAND_SCAN)(scan)
    return server


def _command(parts: Parts, command: Handler) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    guarded = guard(partial(command, parts), parts.session.show_message)

    async def run(argument: Any) -> Any:
        result = await guarded(argument)
        parts.tokens.check_now()
        parts.guards.check_now()
        return result

    return run
