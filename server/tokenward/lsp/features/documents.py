"""textDocument/didOpen, didChange, didSave, didClose, and workspace/didChangeWatchedFiles."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from lsprotocol import types

from tokenward.lsp.client.convert import canonical, from_range, is_transcript
from tokenward.lsp.parts import Parts
from tokenward.model import Surface
from tokenward.sources.documents import Document, Splice
from tokenward.text import Encoding

log = logging.getLogger("tokenward.lsp")


def did_open(parts: Parts, params: types.DidOpenTextDocumentParams) -> None:
    """Open a document and scan it."""
    if is_transcript(params.text_document.uri):
        parts.delivery.text_opened(canonical(params.text_document.uri))
    else:
        open_document(parts, params.text_document, Surface.DOCUMENT)


def did_change(parts: Parts, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the client's changes to an open document."""
    document = parts.session.documents.get(params.text_document.uri)
    if document is None:
        # VS Code sends a change after it has closed a reverted document.
        log.debug("a change of a document that is not open was ignored")
        return
    change_document(parts, document, params.text_document.version, params.content_changes)


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
    if close_document(parts, uri):
        parts.open_folders.scan_files([uri])


def did_change_watched_files(parts: Parts, params: types.DidChangeWatchedFilesParams) -> None:
    """Scan the files that the client reports, once, together with those that our own watcher reports."""
    parts.open_folders.scan_files(change.uri for change in params.changes)


def open_document(parts: Parts, item: types.TextDocumentItem, surface: Surface) -> None:
    """Open a document or a notebook cell, and scan it."""
    document = parts.session.document(item, surface)
    parts.session.documents.open(document)
    parts.scheduler.opened(document)


def close_document(parts: Parts, uri: str) -> bool:
    """Close a document; return whether it was open."""
    document = parts.session.documents.close(uri)
    if document is not None:
        parts.scheduler.closed(document)
    return document is not None


def change_document(
    parts: Parts,
    document: Document,
    version: int,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> None:
    """Apply the client's changes in order, then scan once."""
    before = document.version
    if not changes:
        document.version = version
        parts.scheduler.version_changed(document)
        return
    splice = _apply(document, changes[0], parts.session.encoding)
    for change in changes[1:]:
        splice = splice.then(_apply(document, change, parts.session.encoding))
    document.version = version
    parts.scheduler.text_changed(document, splice, before)


def _apply(document: Document, change: types.TextDocumentContentChangeEvent, encoding: Encoding) -> Splice:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return document.replace_all(change.text)
    return document.replace(*from_range(document.lines, change.range, encoding), change.text)
