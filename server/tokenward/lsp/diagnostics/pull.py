"""textDocument/diagnostic and workspace/diagnostic, for clients that pull and can be asked to do so again."""

from __future__ import annotations

from functools import partial

from lsprotocol import types

from tokenward.lsp.client.guard import guard
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.transcript_uris import canonical
from tokenward.lsp.client.uris import to_path, to_uri
from tokenward.lsp.diagnostics.delivery import Display, Shown
from tokenward.names import DIAGNOSTIC_SOURCE

OPTIONS = types.DiagnosticOptions(
    inter_file_dependencies=True, workspace_diagnostics=True, identifier=DIAGNOSTIC_SOURCE
)


def announce(session: Session, display: Display) -> None:
    """Let a client pull that can be told when to pull again; to all others everything is pushed."""
    display.pulls_documents = session.capabilities.pulls_diagnostics
    if display.pulls_documents:
        document = guard(partial(document_diagnostic, session, display), session.tell)
        workspace = guard(partial(workspace_diagnostic, session, display), session.tell)
        session.server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS)(document)
        session.server.feature(types.WORKSPACE_DIAGNOSTIC)(workspace)


async def document_diagnostic(
    session: Session, display: Display, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """What stands in a document at its present version, or in a file that is not open."""
    uri = _spelled_by_us(session, params.text_document.uri)
    if session.documents.get(uri) is not None:
        display.document_pulled(uri)

    def is_current(shown: Shown | None) -> bool:
        document = session.documents.get(uri)
        return document is None or (shown is not None and shown.version == document.version)

    return await display.document_report(uri, params.previous_result_id, is_current)


async def workspace_diagnostic(
    session: Session, display: Display, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """What stands in documents and files otherwise than the client knows."""
    known = {_spelled_by_us(session, one.uri): one.value for one in params.previous_result_ids}
    return await display.workspace_report(known)


def _spelled_by_us(session: Session, uri: str) -> str:
    """The uri under which something is shown; VS Code spells those of terminals and of files otherwise than we do."""
    uri = canonical(uri)
    if session.documents.get(uri) is not None or not uri.startswith("file:"):
        return uri
    path = to_path(uri)
    return uri if path is None else to_uri(path)
