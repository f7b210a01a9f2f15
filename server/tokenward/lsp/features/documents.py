"""textDocument/did*, notebookDocument/did* and workspace/didChangeWatchedFiles; each cell is a separate document."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import reduce

from lsprotocol import types

from tokenward.lsp.client.convert import canonical, from_range, is_transcript
from tokenward.lsp.parts import Parts
from tokenward.model import Surface
from tokenward.sources.documents import Splice

log = logging.getLogger("tokenward.lsp")

NOTEBOOK_SYNC = types.NotebookDocumentSyncOptions(
    notebook_selector=[types.NotebookDocumentFilterWithNotebook(notebook="*")], save=True
)


def did_open(parts: Parts, params: types.DidOpenTextDocumentParams) -> None:
    """Open a document and scan it."""
    if is_transcript(params.text_document.uri):
        parts.delivery.text_opened(canonical(params.text_document.uri))
    else:
        _open(parts, params.text_document, Surface.DOCUMENT)


def did_change(parts: Parts, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the client's changes to an open document."""
    _change(parts, params.text_document, params.content_changes)


def did_save(parts: Parts, params: types.DidSaveTextDocumentParams) -> None:
    """Scan the file on disk, even if its folder's watcher reports no change."""
    parts.open_folders.scan_files([params.text_document.uri])


def did_close(parts: Parts, params: types.DidCloseTextDocumentParams) -> None:
    """Close a document, and show its file again."""
    uri = params.text_document.uri
    if is_transcript(uri):
        parts.delivery.text_closed(canonical(uri))
        return
    parts.session.offers.pop(uri, None)
    if _close(parts, uri):
        parts.open_folders.scan_files([uri])


def did_change_watched_files(parts: Parts, params: types.DidChangeWatchedFilesParams) -> None:
    """Scan the files that the client reports, once, together with those that our own watcher reports."""
    parts.open_folders.scan_files(change.uri for change in params.changes)


def notebook_did_open(parts: Parts, params: types.DidOpenNotebookDocumentParams) -> None:
    """Open a notebook with its cells."""
    for cell in params.cell_text_documents:
        _open(parts, cell, Surface.NOTEBOOK)


def notebook_did_change(parts: Parts, params: types.DidChangeNotebookDocumentParams) -> None:
    """Apply the client's changes to a notebook's cells."""
    cells = params.change.cells
    if cells is None:
        return
    if cells.structure is not None:
        for closed in cells.structure.did_close or ():
            _close(parts, closed.uri)
        for opened in cells.structure.did_open or ():
            _open(parts, opened, Surface.NOTEBOOK)
    for content in cells.text_content or ():
        _change(parts, content.document, content.changes)


def notebook_did_close(parts: Parts, params: types.DidCloseNotebookDocumentParams) -> None:
    """Close a notebook with its cells."""
    for cell in params.cell_text_documents:
        _close(parts, cell.uri)
    parts.open_folders.scan_files([params.notebook_document.uri])


def _open(parts: Parts, item: types.TextDocumentItem, surface: Surface) -> None:
    """Open a document or a notebook cell, and scan it."""
    document = parts.session.document(item, surface)
    parts.session.documents.open(document)
    parts.scheduler.opened(document)


def _close(parts: Parts, uri: str) -> bool:
    """Close a document; return whether it was open."""
    document = parts.session.documents.close(uri)
    if document is not None:
        parts.scheduler.closed(document)
    return document is not None


def _change(
    parts: Parts,
    changed: types.VersionedTextDocumentIdentifier,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> None:
    """Apply the client's changes in order, then scan once."""
    document, encoding = parts.session.documents.get(changed.uri), parts.session.encoding
    if document is None:
        # VS Code sends a change after it has closed a reverted document.
        log.debug("a change of a document that is not open was ignored")
        return
    splices = list[Splice]()
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangeWholeDocument):
            splices.append(document.replace_all(change.text))
        else:
            start, end = from_range(document.lines, change.range, encoding)
            splices.append(document.replace(start, end, change.text))
    before, document.version = document.version, changed.version
    if splices:
        parts.scheduler.text_changed(document, reduce(Splice.then, splices), before)
    else:
        parts.scheduler.version_changed(document)
