"""notebookDocument/*: each cell is a document of its own."""

from __future__ import annotations

import logging

from lsprotocol import types

from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.open_folders import Workspace
from tokenward.lsp.diagnostics.scheduler import Publisher
from tokenward.lsp.diagnostics.sync import change_document
from tokenward.model import Surface

log = logging.getLogger("tokenward.lsp")

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")], save=True
)


def did_open(session: Session, publisher: Publisher, params: types.DidOpenNotebookDocumentParams) -> None:
    for cell in params.cell_text_documents:
        _open(session, publisher, cell)


def did_change(session: Session, publisher: Publisher, params: types.DidChangeNotebookDocumentParams) -> None:
    cells = params.change.cells
    if cells is None:
        return
    if cells.structure is not None:
        for closed in cells.structure.did_close or ():
            _close(session, publisher, closed.uri)
        for opened in cells.structure.did_open or ():
            _open(session, publisher, opened)
    for content in cells.text_content or ():
        document = session.documents.get(content.document.uri)
        if document is None:
            log.warning("a change of a cell that is not open was ignored")
            continue
        change_document(session, publisher, document, content.document.version, list(content.changes))


def did_close(
    session: Session,
    publisher: Publisher,
    workspace: Workspace,
    params: types.DidCloseNotebookDocumentParams,
) -> None:
    for cell in params.cell_text_documents:
        _close(session, publisher, cell.uri)
    workspace.look([params.notebook_document.uri])


def _open(session: Session, publisher: Publisher, cell: types.TextDocumentItem) -> None:
    document = session.document(cell, Surface.NOTEBOOK)
    session.documents.open(document)
    publisher.opened(document)


def _close(session: Session, publisher: Publisher, uri: str) -> None:
    if (document := session.documents.close(uri)) is not None:
        publisher.closed(document)
