"""tokenward/paste and tokenward/paste/store: replaces the tokens in a text with references as it is pasted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from lsprotocol import types

from tokenward.errors import DocumentChanged, TokenwardError
from tokenward.lsp.client.convert import from_range, ranges_of
from tokenward.lsp.client.editor import LspEditor, document_changes
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import require_workspace
from tokenward.lsp.parts import Parts
from tokenward.model import Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.stored.paste import PastePlan, PasteRequest, plan_paste, store_paste
from tokenward.presentation import wording as words
from tokenward.sources.documents import Document
from tokenward.sources.source import Source
from tokenward.text import Encoding, LineTable, split_lines

MOST_CHARACTERS = 1_048_576
"""The most characters in a pasted text."""
LOADING_SECONDS = 2.0
"""Seconds for which an offer waits for the rules, because the first paste may come before they are loaded."""
_MOMENT = 0.05


@dataclass(frozen=True, slots=True)
class PasteParams:
    """A text that a client is about to paste, and its target."""

    uri: str
    version: int
    ranges: tuple[types.Range, ...]
    text: str = field(repr=False)

    @classmethod
    def of(cls, raw: Any) -> PasteParams:
        """Return checked parameters.

        Raises:
            TokenwardError: they cannot be used.
        """
        malformed = TokenwardError("The request to paste is malformed; paste the plain text.")
        try:
            uri, version, text = raw["uri"], raw["version"], raw["text"]
            ranges = ranges_of(raw)
        except (KeyError, TypeError, TokenwardError):
            raise malformed from None
        if not (isinstance(uri, str) and isinstance(version, int) and isinstance(text, str)):
            raise malformed
        if not 0 < len(text) <= MOST_CHARACTERS:
            raise malformed
        return cls(uri, version, ranges, text)


async def paste(parts: Parts, params: Any) -> dict[str, Any] | None:
    """Return what could be pasted instead of a text, if anything; store and record nothing."""
    session = parts.session
    try:
        request = PasteParams.of(params)
        document = _document(session, request)
        await until_loaded(session, document)
        document = _document(session, request)
        context, work = parts.vault.context(document), _work(session, document, request, plan_paste)
        plan = await session.in_scan_thread(lambda: work(context))
    except (TokenwardError, TimeoutError):
        # The user did not request this, so no error is shown; the plain text can still be pasted.
        return None
    names = [move.reference.name for move in plan.moves]
    label = words.label([move.token for move in plan.moves])
    return {"tokens": len(plan.moves), "label": label, "title": words.title(names)}


async def store(parts: Parts, params: Any) -> dict[str, Any] | None:
    """Store the tokens in a text; return what to paste instead, and what else to change."""
    session = parts.session
    request = PasteParams.of(params)
    document = _document(session, request)
    plan = await parts.vault.run(_work(session, document, request, store_paste), document)
    return None if plan is None else _answer(session, document, plan)


async def until_loaded(session: Session, document: Document) -> None:
    """Wait for the rules of a document, as long as a paste may be delayed."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LOADING_SECONDS
    # The folder's own rules are loaded separately from the common ones.
    while session.scanner_for(document) is None and loop.time() < until:  # noqa: ASYNC110
        await asyncio.sleep(_MOMENT)


def _answer(session: Session, document: Document, plan: PastePlan) -> dict[str, Any]:
    encoding = session.encoding
    changes = [one for file in plan.files for one in document_changes(file, encoding, can_create=True)]
    tokens = [move.token for move in plan.moves]
    references = [str(move.reference) for move in plan.moves]
    others = [
        path.name for file in plan.files if (path := file.source.origin.path) and path != document.origin.path
    ]
    after = " ".join(dict.fromkeys(move.after for move in plan.moves if move.after))
    return {
        "text": plan.text,
        "edit": types.WorkspaceEdit(document_changes=changes) if changes else None,
        "message": f"{words.stored(tokens, references, next(iter(others), ''))} {after}".rstrip(),
    }


def _document(session: Session, request: PasteParams) -> Document:
    """Return the document to paste into.

    Raises:
        DocumentChanged: it is closed or at another version.
        TokenwardError: it is not scanned.
    """
    document = session.documents.get(request.uri)
    if document is None or document.version != request.version:
        raise DocumentChanged("The file has changed; paste again.")
    settings = session.settings_in(document.folder)
    size = document.size + len(request.ranges) * len(request.text)
    if not settings.enabled or size > settings.max_document_bytes:
        raise TokenwardError("Tokenward does not scan this file; paste the plain text.")
    return document


def _work(
    session: Session,
    document: Document,
    request: PasteParams,
    operation: Callable[[Context, PasteRequest, Editor], PastePlan],
) -> Callable[[Context], PastePlan]:
    """Return the operation on the current document as work for a thread."""
    source, editor, encoding = document.source(), LspEditor(session), session.encoding

    def work(context: Context) -> PastePlan:
        places = _places(source, request, encoding)
        context, folder = require_workspace(session, context, source.origin)
        return operation(context, PasteRequest(source, folder, places, request.text), editor)

    return work


def _places(source: Source, request: PasteParams, encoding: Encoding) -> tuple[Span, ...]:
    """Return the spans that the text replaces.

    Raises:
        TokenwardError: they overlap.
    """
    table, lines = LineTable(source.text), split_lines(source.text)
    places = sorted(table.span(*from_range(lines, one, encoding)) for one in request.ranges)
    if any(one.end < one.start for one in places) or any(
        after.start < before.end or after == before for before, after in pairwise(places)
    ):
        raise TokenwardError("The selections to paste into overlap; paste into one of them.")
    return tuple(places)
