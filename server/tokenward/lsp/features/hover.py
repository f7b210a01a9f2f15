"""textDocument/hover: what is known of the token or the reference at a position."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.lsp.client.capabilities import markup_kind
from tokenward.lsp.client.convert import from_position, to_range, to_span
from tokenward.lsp.client.references import reference_at
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.transcript_uris import terminal_name
from tokenward.lsp.client.uris import to_path
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.model import Finding, Point, Reference
from tokenward.operations.context import Context
from tokenward.operations.stored.details import Stored, stored
from tokenward.places import shown
from tokenward.presentation.hover import Occurrences, TokenPlace, of_finding, of_reference
from tokenward.presentation.markup import MarkupText, markdown, plain
from tokenward.sources.documents import Document
from tokenward.sources.source import Origin

MOST_PLACES = 5


async def hover(session: Session, keeping: Keeping, params: types.HoverParams) -> types.Hover | None:
    """What is known of what stands at a position; None of anything that is neither token nor reference."""
    document = session.documents.get(params.text_document.uri)
    if document is None or not session.settings_for(document).enabled:
        return None
    point = from_position(document.lines, params.position, session.encoding)
    if (finding := _finding(session, document, point)) is not None:
        text = of_finding(finding, _setting(session, document, finding), time.time())
        return hover_of(session, text, to_range(document.lines, finding, encoding=session.encoding))
    line = document.lines[point.line]
    if (found := reference_at(line, point.column)) is not None:
        where = to_span(point.line, found[0], line, encoding=session.encoding)
        known = await _stored(session, keeping, document, found[1])
        return hover_of(session, of_reference(found[1], known, time.time()), where) if known else None
    return None


def hover_of(session: Session, text: MarkupText, where: types.Range) -> types.Hover:
    """A text as the client shows one."""
    kind = markup_kind(session.capabilities)
    spelled = markdown(text) if kind is types.MarkupKind.Markdown else plain(text)
    return types.Hover(types.MarkupContent(kind, spelled), where)


def _finding(session: Session, document: Document, point: Point) -> Finding | None:
    """The finding at a point, of the document's present version."""
    uri = document.origin.uri
    if session.index.get(uri).version != document.version:
        return None
    return next(iter(session.index.within(uri, point, point)), None)


def _setting(session: Session, document: Document, finding: Finding) -> Occurrences:
    return setting_of(session, document.origin, document.name, finding)


def setting_of(session: Session, origin: Origin, name: str, finding: Finding) -> Occurrences:
    """Where a finding stands, and where else its token does."""
    uri, index = origin.uri, session.index
    places = index.elsewhere(uri, finding, MOST_PLACES)
    return Occurrences(
        name,
        origin.surface,
        here=len(index.places(uri, finding.fingerprint)) - 1,
        files=len(index.holders(finding.fingerprint)) - 1,
        first=[TokenPlace(_name(session, other), place.start.line, other) for other, place in places],
    )


def _name(session: Session, uri: str) -> str:
    """What a person in the workspace calls a document or file."""
    path = to_path(uri)
    name = session.placed(path)[0] if path is not None else terminal_name(uri)
    return shown(name)


async def _stored(
    session: Session, keeping: Keeping, document: Document, reference: Reference
) -> Stored | None:
    """What the records say, read in a thread; None while the session is starting."""
    try:
        context = keeping.context(document)
    except TokenwardError:
        return None
    return await session.in_scan_thread(partial(_read, session, context, document.origin, reference))


def _read(session: Session, context: Context, origin: Origin, reference: Reference) -> Stored:
    try:
        folder = folder_of(context, tuple(session.folders), origin)
        context = replace(context, settings=session.settings_of(folder))
        return stored(context, session.places, folder, reference)
    except TokenwardError as error:
        # A message would come at each move of the pointer.
        return Stored(refusal=str(error))
