"""notebookDocument/*: each cell is a separate document."""

from __future__ import annotations

import logging

from lsprotocol import types

from tokenward.lsp.features.documents import change_document, close_document, open_document
from tokenward.lsp.parts import Parts
from tokenward.model import Surface

log = logging.getLogger("tokenward.lsp")

SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")], save=True
)


def did_open(parts: Parts, params: types.DidOpenNotebookDocumentParams) -> None:
    """Open a notebook with its cells."""
    for cell in params.cell_text_documents:
        open_document(parts, cell, Surface.NOTEBOOK)


def did_change(parts: Parts, params: types.DidChangeNotebookDocumentParams) -> None:
    """Apply the client's changes to a notebook's cells."""
    cells = params.change.cells
    if cells is None:
        return
    if cells.structure is not None:
        for closed in cells.structure.did_close or ():
            close_document(parts, closed.uri)
        for opened in cells.structure.did_open or ():
            open_document(parts, opened, Surface.NOTEBOOK)
    for content in cells.text_content or ():
        document = parts.session.documents.get(content.document.uri)
        if document is None:
            log.warning("a change of a cell that is not open was ignored")
            continue
        change_document(parts, document, content.document.version, list(content.changes))


def did_close(parts: Parts, params: types.DidCloseNotebookDocumentParams) -> None:
    """Close a notebook with its cells."""
    for cell in params.cell_text_documents:
        close_document(parts, cell.uri)
    parts.open_folders.scan_files([params.notebook_document.uri])
