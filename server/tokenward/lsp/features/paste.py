"""tokenward/paste and tokenward/paste/store: references in place of the tokens of what is about to be pasted."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

from lsprotocol import types

from tokenward.errors import DocumentChanged, TokenwardError
from tokenward.lsp.client.convert import from_position
from tokenward.lsp.client.editor import LspEditor, document_changes
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.model import Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.stored.paste import PastePlan, PasteRequest, plan_paste, store_paste
from tokenward.presentation import pastes as words
from tokenward.sources.documents import Document
from tokenward.sources.source import Source
from tokenward.text import Encoding, LineTable

MOST_CHARACTERS = 1_048_576
"""Of what is pasted."""
MOST_RANGES = 100
LOADING_SECONDS = 2.0
"""How long an offer waits for the rules, since the first paste may come before them."""
_MOMENT = 0.05


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a client is about to paste."""

    uri: str
    version: int
    ranges: tuple[types.Range, ...]
    text: str = field(repr=False)

    @classmethod
    def of(cls, raw: object) -> Wanted:
        """What parameters say, whoever sent them.

        Raises:
            TokenwardError: they cannot be used.
        """
        try:
            return cls._of(raw)
        except (KeyError, TypeError, ValueError):
            raise TokenwardError("The request to paste is malformed; paste the plain text.") from None

    @classmethod
    def _of(cls, raw: Any) -> Wanted:
        uri, version, text = raw["uri"], raw["version"], raw["text"]
        if not (isinstance(uri, str) and isinstance(version, int) and isinstance(text, str)):
            raise TypeError
        if not (0 < len(text) <= MOST_CHARACTERS and 0 < len(raw["ranges"]) <= MOST_RANGES):
            raise ValueError
        return cls(uri, version, tuple(map(_range, raw["ranges"])), text)


async def paste(session: Session, keeping: Keeping, params: Any) -> dict[str, Any] | None:
    """What could be pasted in place of a text; None when there is nothing to offer. Stores and records nothing."""
    try:
        wanted = Wanted.of(params)
        document = _document(session, wanted)
        await until_loaded(session, document)
        document = _document(session, wanted)
        context, work = keeping.context(document), _work(session, document, wanted, plan_paste)
        plan = await session.in_scan_thread(lambda: work(context))
    except (TokenwardError, TimeoutError):
        # Nobody asked for this, so nobody is told; the plain text can be pasted as ever.
        return None
    names = [move.reference.name for move in plan.moves]
    label = words.label([move.token for move in plan.moves])
    return {"tokens": len(plan.moves), "label": label, "title": words.title(names)}


async def store(session: Session, keeping: Keeping, params: Any) -> dict[str, Any] | None:
    """Store the tokens of what is about to be pasted; what to paste in its place, and what else to change."""
    wanted = Wanted.of(params)
    document = _document(session, wanted)
    plan = await keeping.run(_work(session, document, wanted, store_paste), document)
    return None if plan is None else _answer(session, document, plan)


async def until_loaded(session: Session, document: Document) -> None:
    """Wait for the rules of a document, as long as somebody who pastes may."""
    loop = asyncio.get_running_loop()
    until = loop.time() + LOADING_SECONDS
    # Those of all and those of its folder become known apart.
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
    return {
        "text": plan.text,
        "edit": types.WorkspaceEdit(document_changes=changes) if changes else None,
        "message": words.stored(tokens, references, next(iter(others), "")),
    }


def _document(session: Session, wanted: Wanted) -> Document:
    """The document that is pasted into.

    Raises:
        DocumentChanged: it is at another version, or closed.
        TokenwardError: nothing is looked for in it.
    """
    document = session.documents.get(wanted.uri)
    if document is None or document.version != wanted.version:
        raise DocumentChanged("The file has changed meanwhile; paste again.")
    settings = session.settings_for(document)
    size = document.size + len(wanted.ranges) * len(wanted.text)
    if not settings.enabled or size > settings.max_document_bytes:
        raise TokenwardError("Tokenward does not look at this file; paste the plain text.")
    return document


def _work(
    session: Session,
    document: Document,
    wanted: Wanted,
    operation: Callable[[Context, PasteRequest, Editor], PastePlan],
) -> Callable[[Context], PastePlan]:
    """What is to be done in a thread, for the document as it is now."""
    source, editor, encoding = document.source(), LspEditor(session), session.encoding

    def work(context: Context) -> PastePlan:
        places = _places(source, wanted, encoding)
        folder: Path | None = folder_of(context, tuple(session.folders), source.origin)
        if folder is None:
            raise TokenwardError("This text belongs to no workspace; save it to a file first.")
        context = replace(context, settings=session.settings_of(folder))
        return operation(context, PasteRequest(source, folder, places, wanted.text), editor)

    return work


def _places(source: Source, wanted: Wanted, encoding: Encoding) -> tuple[Span, ...]:
    """What the text is to take the place of.

    Raises:
        TokenwardError: some of it twice.
    """
    table = LineTable(source.text)
    lines = table.lines
    places = sorted(
        table.span(from_position(lines, one.start, encoding), from_position(lines, one.end, encoding))
        for one in wanted.ranges
    )
    if any(one.end < one.start for one in places) or any(
        after.start < before.end or after == before for before, after in pairwise(places)
    ):
        raise TokenwardError("The places to paste at overlap; paste at one of them.")
    return tuple(places)


def _range(raw: Any) -> types.Range:
    return types.Range(_position(raw["start"]), _position(raw["end"]))


def _position(raw: Any) -> types.Position:
    line, character = raw["line"], raw["character"]
    if not (isinstance(line, int) and isinstance(character, int)):
        raise TypeError
    if line < 0 or character < 0:
        raise ValueError
    return types.Position(line, character)
