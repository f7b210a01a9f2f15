"""textDocument/inlayHint: when a token expires, and when the lease of a reference ends."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from functools import partial

from lsprotocol import types

from tokenward.lsp.client.convert import from_range, to_position
from tokenward.lsp.client.inlay_hint_refresh import HintBasis, ends_of
from tokenward.lsp.client.references import ReferencePlace, references_of
from tokenward.lsp.parts import Parts
from tokenward.model import Finding, Point, Reference
from tokenward.operations.access.lease_terms import Terms, terms_in
from tokenward.presentation.hints import Hint, of_expiry, of_lease


async def inlay_hint(parts: Parts, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """Return the hints after the tokens and references in a range."""
    session = parts.session
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    uri, version = document.origin.uri, document.version
    settings = session.settings_in(document.folder)
    if not (settings.enabled and settings.expiry_hints):
        session.hints.answered(uri, HintBasis(ends_of(session.findings_in(document)), {}), None)
        return None
    start, end = from_range(document.lines, params.range, session.encoding)
    lines = document.lines[start.line : end.line + 1]
    places = await session.in_scan_thread(partial(references_of, lines, start.line))
    read = partial(terms_in, references=[place.reference for place in places])
    terms = (await parts.vault.read(document, read) if places else None) or {}
    if session.documents.get(uri) is not document or document.version != version:
        # The client has changed the text, so it will ask again.
        return None
    hints = list(_hints(session.findings_within(document, start, end), places, terms))
    known = {place.reference: terms.get(place.reference) for place in places}
    holds_for = min((hint.holds_for for _, hint in hints if hint.holds_for is not None), default=None)
    session.hints.answered(uri, HintBasis(ends_of(session.findings_in(document)), known), holds_for)
    return [
        types.InlayHint(
            to_position(document.lines, point, session.encoding),
            hint.label,
            tooltip=hint.tooltip,
            padding_left=True,
        )
        for point, hint in hints
    ]


def _hints(
    findings: Sequence[Finding], places: list[ReferencePlace], terms: dict[Reference, Terms]
) -> Iterator[tuple[Point, Hint]]:
    now = time.time()
    for finding in findings:
        if finding.claims.expires is not None:
            yield finding.end, of_expiry(finding.claims.expires, now)
    for place in places:
        known = terms.get(place.reference)
        if known is not None and (hint := of_lease(place.reference, known, now)) is not None:
            yield Point(place.line, place.span.end), hint
