"""textDocument/hover: describes the token or reference at a position."""

from __future__ import annotations

import time
from functools import partial

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import from_position, is_transcript, to_range, to_span
from tokenward.lsp.client.references import reference_at
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import with_workspace
from tokenward.lsp.parts import Parts
from tokenward.model import Finding, Reference, Surface
from tokenward.operations.context import Context
from tokenward.operations.stored.listing import StoredDetails, stored_details
from tokenward.places import shown
from tokenward.presentation.hover import Occurrences, TokenPlace, of_finding, of_reference
from tokenward.presentation.markup import MarkupText, markdown, plain
from tokenward.presentation.terminals import hover_text
from tokenward.sources.source import Origin
from tokenward.text import split_lines

MOST_PLACES = 5


async def hover(parts: Parts, params: types.HoverParams) -> types.Hover | None:
    """Return a description of the token or reference at a position."""
    session, uri = parts.session, params.text_document.uri
    if is_transcript(uri):
        return _in_transcript(parts, uri, params.position)
    document = session.documents.get(uri)
    if document is None or not session.settings_in(document.folder).enabled:
        return None
    point = from_position(document.lines, params.position, session.encoding)
    if finding := next(iter(session.findings_within(document, point, point)), None):
        text = of_finding(finding, _place(session, document.origin, document.name, finding), time.time())
        return _hover(session, text, to_range(document.lines, finding, encoding=session.encoding))
    line = document.lines[point.line]
    if (found := reference_at(line, point.column)) is None:
        return None
    span, reference = found
    try:
        context = parts.vault.context(document)
    except TokenwardError:
        return None  # the rules are not loaded yet
    known = await session.in_scan_thread(partial(_read, session, context, document.origin, reference))
    where = to_span(point.line, span, line, encoding=session.encoding)
    return _hover(session, of_reference(reference, known, time.time()), where)


def _in_transcript(parts: Parts, uri: str, position: types.Position) -> types.Hover | None:
    session, page = parts.session, parts.terminals.get(uri)
    if page is None or page.transcript is None:
        return None
    point = from_position(split_lines(page.transcript.text), position, session.encoding)
    finding = next(iter(session.index.within(page.uri, point, point)), None)
    if finding is None:
        return None
    place = _place(session, Origin(page.uri, Surface.TERMINAL), "", finding)
    text = hover_text(finding, place, time.time())
    return _hover(session, text, parts.shown.range_of(page.uri, finding))


def _hover(session: Session, text: MarkupText, where: types.Range) -> types.Hover:
    kind = session.capabilities.hover_kind
    spelled = markdown(text) if kind is types.MarkupKind.Markdown else plain(text)
    return types.Hover(types.MarkupContent(kind, spelled), where)


def _place(session: Session, origin: Origin, name: str, finding: Finding) -> Occurrences:
    """Return the location of a finding, and the other locations of its token."""
    uri, index = origin.uri, session.index
    places = index.elsewhere(uri, finding, MOST_PLACES)
    return Occurrences(
        name,
        origin.surface,
        here=len(index.places(uri, finding.fingerprint)) - 1,
        files=len(index.holders(finding.fingerprint)) - 1,
        first=[TokenPlace(shown(session.name_of(other)), place.start.line, other) for other, place in places],
    )


def _read(session: Session, context: Context, origin: Origin, reference: Reference) -> StoredDetails:
    try:
        context, folder = with_workspace(session, context, origin)
        return stored_details(context, session.places, folder, reference)
    except TokenwardError as error:
        # A message would appear at each move of the pointer.
        return StoredDetails(refusal=str(error))
