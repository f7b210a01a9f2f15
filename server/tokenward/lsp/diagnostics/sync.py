"""didOpen, didChange, didSave, didClose."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from lsprotocol import types

from tokenward.lsp.client.convert import from_position
from tokenward.lsp.client.session import Session
from tokenward.lsp.diagnostics.open_folders import Workspace
from tokenward.lsp.diagnostics.scheduler import Publisher
from tokenward.lsp.features.code_actions import Offers
from tokenward.model import Surface
from tokenward.sources.documents import Document, Splice
from tokenward.text import Encoding

log = logging.getLogger("tokenward.lsp")


def did_open(session: Session, publisher: Publisher, params: types.DidOpenTextDocumentParams) -> None:
    document = session.document(params.text_document, Surface.DOCUMENT)
    session.documents.open(document)
    publisher.opened(document)


def did_change(session: Session, publisher: Publisher, params: types.DidChangeTextDocumentParams) -> None:
    document = session.documents.get(params.text_document.uri)
    if document is None:
        # VS Code sends one after it has closed a document that was reverted.
        log.debug("a change of a document that is not open was ignored")
        return
    change_document(session, publisher, document, params.text_document.version, params.content_changes)


def did_save(workspace: Workspace, params: types.DidSaveTextDocumentParams) -> None:
    """The text is known from its changes; what stands on the disk is looked at even where no change of it is heard."""
    workspace.look([params.text_document.uri])


def did_close(
    session: Session,
    publisher: Publisher,
    workspace: Workspace,
    offers: Offers,
    params: types.DidCloseTextDocumentParams,
) -> None:
    uri = params.text_document.uri
    offers.forget(uri)
    if (document := session.documents.close(uri)) is not None:
        publisher.closed(document)
        workspace.look([uri])


def change_document(
    session: Session,
    publisher: Publisher,
    document: Document,
    version: int,
    changes: Sequence[types.TextDocumentContentChangeEvent],
) -> None:
    """Apply the client's changes in order, then publish once."""
    before = document.version
    if not changes:
        document.version = version
        publisher.moved_on(document)
        return
    splice: Splice | None = None
    for change in changes:
        one = _apply(document, change, session.encoding)
        splice = one if splice is None else splice.then(one)
    document.version = version
    assert splice is not None  # noqa: S101 - there is at least one change
    publisher.changed(document, splice, before)


def _apply(document: Document, change: types.TextDocumentContentChangeEvent, encoding: Encoding) -> Splice:
    if isinstance(change, types.TextDocumentContentChangeWholeDocument):
        return document.replace_all(change.text)
    start, end = (from_position(document.lines, p, encoding) for p in (change.range.start, change.range.end))
    return document.replace(start, end, change.text)
