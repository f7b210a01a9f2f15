"""textDocument/diagnostic and workspace/diagnostic, for clients that pull and accept requests to pull again."""

from __future__ import annotations

from functools import partial

from lsprotocol import types

from tokenward.lsp.client.convert import canonical, to_path, to_uri
from tokenward.lsp.client.guard import guard
from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.delivery import ShownDiagnostics
from tokenward.lsp.parts import Parts
from tokenward.names import DIAGNOSTIC_SOURCE

OPTIONS = types.DiagnosticOptions(
    inter_file_dependencies=True, workspace_diagnostics=True, identifier=DIAGNOSTIC_SOURCE
)


def announce(parts: Parts) -> None:
    """Let a client pull if it accepts requests to pull again; push everything to all others."""
    session = parts.session
    parts.delivery.pulls_documents = session.capabilities.pulls_diagnostics
    if session.capabilities.pulls_diagnostics:
        document, workspace = partial(document_diagnostic, parts), partial(workspace_diagnostic, parts)
        session.server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, OPTIONS)(guard(document, session.show_message))
        session.server.feature(types.WORKSPACE_DIAGNOSTIC)(guard(workspace, session.show_message))


async def document_diagnostic(
    parts: Parts, params: types.DocumentDiagnosticParams
) -> types.DocumentDiagnosticReport:
    """Return the diagnostics of a document's current version, or of a file that is not open."""
    session = parts.session
    uri = _own_spelling(session, params.text_document.uri)
    if session.documents.get(uri) is not None:
        parts.delivery.document_pulled(uri)
    return await parts.delivery.document_report(
        uri, params.previous_result_id, partial(is_current, session, uri)
    )


def is_current(session: Session, uri: str, shown: ShownDiagnostics | None) -> bool:
    """Return whether these are the diagnostics of the document's version; also if it was closed."""
    document = session.documents.get(uri)
    return document is None or (shown is not None and shown.version == document.version)


async def workspace_diagnostic(
    parts: Parts, params: types.WorkspaceDiagnosticParams
) -> types.WorkspaceDiagnosticReport:
    """Return the diagnostics of documents and files that differ from those that the client has."""
    known = {_own_spelling(parts.session, one.uri): one.value for one in params.previous_result_ids}
    return await parts.delivery.workspace_report(known)


def _own_spelling(session: Session, uri: str) -> str:
    """Return a URI in our spelling; VS Code spells those of terminals and files differently."""
    uri = canonical(uri)
    if session.documents.get(uri) is not None or not uri.startswith("file:"):
        return uri
    path = to_path(uri)
    return uri if path is None else to_uri(path)
