"""textDocument/codeAction: actions for the tokens and references in a range."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from lsprotocol import types

from tokenward.custody.ledger.database import databases_kept_open
from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import from_range, is_transcript
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.workspace_of import with_workspace
from tokenward.lsp.features.reference_actions import (
    diagnostics_of,
    reference_actions,
    wants_quick_fixes,
    wants_source_action,
)
from tokenward.lsp.features.transcripts import transcript_actions
from tokenward.lsp.parts import Parts
from tokenward.model import Finding
from tokenward.operations.move.offer import Offer, offers
from tokenward.operations.provider.subject import asker_of
from tokenward.presentation.quick_fixes import (
    MOVE_ALL_KINDS,
    code_actions,
    distinguished,
    source_action,
    without_edits,
)
from tokenward.sources.documents import Document

log = logging.getLogger("tokenward.lsp")

MOST_FINDINGS = 5
"""The most findings in a selection that get actions, because each is planned."""


async def code_action(
    parts: Parts, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """Return the actions for a range, if any."""
    uri = params.text_document.uri
    if is_transcript(uri):
        return [*await transcript_actions(parts, params, MOST_FINDINGS)] or None
    document = parts.session.documents.get(uri)
    if document is None:
        return None
    actions = [
        *await _finding_actions(parts, document, params),
        *await reference_actions(parts, document, params),
        *_source_actions(parts.session, document, params),
    ]
    return [*actions] or None


async def _finding_actions(
    parts: Parts, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return the quick fixes for the findings that the range touches."""
    if not wants_quick_fixes(params.context.only):
        return []
    session, uri, version = parts.session, document.origin.uri, document.version
    start, end = from_range(document.lines, params.range, session.encoding)
    findings = session.findings_within(document, start, end)[:MOST_FINDINGS]
    try:
        offered = await _offers(parts, document, findings)
    except TokenwardError as error:
        # The user sees the error at the next request; a message at each cursor move would be noise.
        log.warning("no quick fixes: %s", type(error).__name__)
        return []
    return distinguished(
        (one.finding, code_actions(one, uri, version, diagnostics_of(params.context, one.finding)))
        for one in offered
    )


def _source_actions(
    session: Session, document: Document, params: types.CodeActionParams
) -> list[types.CodeAction]:
    """Return the actions that move all tokens, for a client that names their kind and can ask its user."""
    client, uri = session.capabilities, document.origin.uri
    if not (client.asks and client.applies_edits):
        return []
    offered = [
        kind
        for kind, (_, scope) in MOVE_ALL_KINDS.items()
        if wants_source_action(params.context.only, kind)
        and (scope == "workspace" or session.index.get(uri).findings)
    ]
    return [source_action(kind, uri, document.version) for kind in offered]


async def _offers(parts: Parts, document: Document, findings: Sequence[Finding]) -> list[Offer]:
    session, uri, version = parts.session, document.origin.uri, document.version
    known_version, known = session.offers.get(uri, (version, {}))
    if known_version != version:
        known = {}
    missing = [finding for finding in findings if finding.start not in known]
    if missing:
        context, source, editor = parts.vault.context(document), document.source(), LspEditor(session)
        found = [(one, session.index.places(uri, one.fingerprint)) for one in missing]

        def plan() -> list[Offer]:
            inside, folder = with_workspace(session, context, source.origin)
            with databases_kept_open():
                methods = asker_of(inside, session.places)
                return offers(inside, editor, source, folder=folder, found=found, methods=methods)

        planned = await session.in_scan_thread(plan)
        if not editor.can_edit:
            planned = [without_edits(one) for one in planned]
        known = {**known, **{one.finding.start: one for one in planned}}
        session.offers[uri] = version, known
    return [known[finding.start] for finding in findings]
