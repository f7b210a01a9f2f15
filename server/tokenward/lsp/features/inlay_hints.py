"""textDocument/inlayHint: when a token expires."""

from __future__ import annotations

import time

from lsprotocol import types

from tokenward.lsp.client.convert import from_range, to_position
from tokenward.lsp.client.inlay_hint_refresh import ends_of
from tokenward.lsp.parts import Parts
from tokenward.presentation.hints import of_expiry


async def inlay_hint(parts: Parts, params: types.InlayHintParams) -> list[types.InlayHint] | None:
    """Return the hints after the tokens in a range."""
    session = parts.session
    document = session.documents.get(params.text_document.uri)
    if document is None:
        return None
    uri, settings, now = document.origin.uri, session.settings_in(document.folder), time.time()
    ends = ends_of(session.findings_in(document))
    if not (settings.enabled and settings.expiry_hints):
        session.hints.answered(uri, ends, None)
        return None
    start, end = from_range(document.lines, params.range, session.encoding)
    hints = [
        (finding.end, of_expiry(finding.claims.expires, now))
        for finding in session.findings_within(document, start, end)
        if finding.claims.expires is not None
    ]
    holds_for = min((hint.holds_for for _, hint in hints if hint.holds_for is not None), default=None)
    session.hints.answered(uri, ends, holds_for)
    return [
        types.InlayHint(
            to_position(document.lines, point, session.encoding),
            hint.label,
            tooltip=hint.tooltip,
            padding_left=True,
        )
        for point, hint in hints
    ]
