"""The table from method to handler, and create_server(). Start reading here."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward import __version__, names
from tokenward.lsp import configuration, lifecycle
from tokenward.lsp.client.guard import failing, guard
from tokenward.lsp.client.protocol import Protocol, TokenwardServer, converter
from tokenward.lsp.features import documents
from tokenward.lsp.lifecycle import build_parts
from tokenward.lsp.loading import LoadingScanner, later
from tokenward.lsp.parts import Parts
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
    types.NOTEBOOK_DOCUMENT_DID_OPEN: documents.notebook_did_open,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE: documents.notebook_did_change,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE: documents.notebook_did_close,
    types.WORKSPACE_DID_CHANGE_CONFIGURATION: configuration.did_change,
    types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS: configuration.did_change_folders,
    types.WORKSPACE_DID_CHANGE_WATCHED_FILES: documents.did_change_watched_files,
    types.TEXT_DOCUMENT_CODE_ACTION: later("features.code_actions", "code_action"),
    types.TEXT_DOCUMENT_CODE_LENS: later("features.code_lenses", "code_lens"),
    types.TEXT_DOCUMENT_HOVER: later("features.hover", "hover"),
    types.TEXT_DOCUMENT_COMPLETION: later("features.completion", "completion"),
    types.TEXT_DOCUMENT_DEFINITION: later("features.definition", "definition"),
    types.TEXT_DOCUMENT_INLAY_HINT: later("features.inlay_hints", "inlay_hint"),
    names.METHOD_TERMINAL_DATA: lambda parts, params: parts.terminals.data(params),
    names.METHOD_TERMINAL_END: lambda parts, params: parts.terminals.end(params),
    names.METHOD_TRANSCRIPT: later("features.transcripts", "transcript"),
    names.METHOD_PASTE: later("features.paste", "paste"),
    names.METHOD_PASTE_STORE: later("features.paste", "store"),
    names.METHOD_TOKENS: later("features.report", "tokens"),
    names.METHOD_TOKENS_REPLACE: later("commands.stored_tokens", "replace_value"),
    names.METHOD_REPORT: later("features.report", "report"),
    names.METHOD_LAUNCH: failing(later("features.launch", "launch")),
}
"""In addition, `pull.announce` adds two for a client that pulls diagnostics."""

COMMANDS: dict[str, Handler] = {
    names.COMMAND_MOVE: later("commands.move_commands", "move"),
    names.COMMAND_MOVE_ALL: later("commands.move_commands", "move_all"),
    names.COMMAND_FINISH: later("commands.move_commands", "finish"),
    names.COMMAND_STORE_ASIDE: later("commands.move_commands", "store_aside"),
    names.COMMAND_IGNORE: later("commands.move_commands", "ignore"),
    names.COMMAND_IGNORE_IN_WORKSPACE: later("commands.move_commands", "ignore_everywhere"),
    names.COMMAND_CHECK: later("commands.check_and_revoke", "check"),
    names.COMMAND_REVOKE: later("commands.check_and_revoke", "revoke"),
    names.COMMAND_PAGE: later("commands.check_and_revoke", "open_page"),
    names.COMMAND_RENAME: later("commands.stored_tokens", "rename"),
    names.COMMAND_DELETE: later("commands.stored_tokens", "delete"),
    names.COMMAND_STORE: later("commands.terminal_commands", "store"),
    names.COMMAND_ENTER: later("features.reference_actions", "enter_token"),
    names.COMMAND_FIND: later("commands.terminal_commands", "find"),
    names.COMMAND_FORGET: later("commands.terminal_commands", "forget"),
    names.COMMAND_LEASE: later("features.reference_actions", "lease"),
    names.COMMAND_AGENTS: later("commands.agents", "agents"),
    names.COMMAND_AGENTS_PROTECT: later("commands.agents", "protect"),
    names.COMMAND_AGENTS_UNDO: later("commands.agents", "undo"),
    names.COMMAND_AGENTS_CHECK: later("commands.agents", "check"),
    names.COMMAND_REVOKE_SEEN: later("commands.check_and_revoke", "revoke_seen"),
    names.COMMAND_COPY_FOR_AI: later("commands.copy_for_ai", "copy_for_ai"),
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
        names.SERVER_NAME,
        __version__,
        protocol_cls=Protocol,
        converter_factory=converter,
        text_document_sync_kind=types.TextDocumentSyncKind.Incremental,
        notebook_document_sync=documents.NOTEBOOK_SYNC,
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

    server.command(names.COMMAND_SCAN)(scan)
    return server


def _command(parts: Parts, command: Handler) -> Callable[[Any], Coroutine[Any, Any, Any]]:
    guarded = guard(partial(command, parts), parts.session.show_message)

    async def run(argument: Any) -> Any:
        result = await guarded(argument)
        parts.tokens.check_now()
        parts.guards.check_now()
        return result

    return run
