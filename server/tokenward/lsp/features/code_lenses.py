"""textDocument/codeLens: what to do with each token and each reference, above its line."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from lsprotocol import types

from tokenward.language import said
from tokenward.lsp.client.convert import is_transcript, to_span
from tokenward.lsp.client.references import references_of
from tokenward.lsp.client.session import Session
from tokenward.lsp.features.pull import is_current
from tokenward.lsp.features.transcripts import MOST_LENSES, transcript_lenses
from tokenward.lsp.parts import Parts
from tokenward.model import Finding, Reference
from tokenward.names import COMMAND_CHECK, COMMAND_ENTER, COMMAND_IGNORE, COMMAND_MOVE, COMMAND_REVOKE
from tokenward.operations.stored.listing import dangling
from tokenward.presentation import wording
from tokenward.presentation.stored import enter_title
from tokenward.sources.documents import Document


async def code_lens(parts: Parts, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """Return the lenses of a document or transcript; none is planned, so that a key press costs no parse."""
    uri = params.text_document.uri
    if is_transcript(uri):
        return await transcript_lenses(parts, uri)
    session = parts.session
    document = session.documents.get(uri)
    if document is None:
        return None
    settings = session.settings_in(document.folder)
    if not (settings.enabled and settings.code_lenses):
        return None
    # Clients ask once after each change, perhaps before it is scanned.
    await parts.delivery.document_report(uri, None, partial(is_current, session, uri))
    findings = session.findings_in(document)[:MOST_LENSES]
    places = references_of(document.lines)[:MOST_LENSES]
    read = partial(dangling, references=[place.reference for place in places])
    # None if none of them can be used here.
    missing = await parts.vault.read(document, read) if places else None
    return [
        *(
            types.CodeLens(parts.shown.range_of(uri, finding), command)
            for finding in findings
            for command in _of_finding(session, document, finding)
        ),
        *(
            types.CodeLens(to_span(place.line, place.span, place.text, encoding=session.encoding), command)
            for place in places
            for command in _of_reference(parts, uri, place.reference, missing)
        ),
    ]


def _of_finding(session: Session, document: Document, finding: Finding) -> Iterator[types.Command]:
    argument = {
        "uri": document.origin.uri,
        "version": document.version,
        "fingerprint": finding.fingerprint,
        "line": finding.start.line,
        "column": finding.start.column,
    }
    if session.capabilities.applies_edits:
        for title, command in ((wording.MOVE_LENS, COMMAND_MOVE), (wording.IGNORE_TITLE, COMMAND_IGNORE)):
            yield types.Command(said(title), command, arguments=[argument])


def _of_reference(
    parts: Parts, uri: str, reference: Reference, missing: set[Reference] | None
) -> Iterator[types.Command]:
    if missing is None:
        return
    if reference in missing:
        if parts.vault.can_ask_hidden:
            argument = {"uri": uri, "name": reference.name}
            yield types.Command(enter_title(reference), COMMAND_ENTER, arguments=[argument])
        return
    for title, command in ((wording.CHECK_TITLE, COMMAND_CHECK), (wording.REVOKE_TITLE, COMMAND_REVOKE)):
        yield types.Command(said(title), command, arguments=[{"reference": str(reference)}])
