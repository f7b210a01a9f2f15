"""textDocument/codeAction: the quick fixes for the findings in a range."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from lsprotocol import types

from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import from_position
from tokenward.lsp.client.editor import LspEditor
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.client.workspace_of import folder_of
from tokenward.model import Finding, Point
from tokenward.names import DIAGNOSTIC_SOURCE
from tokenward.operations.context import Context
from tokenward.operations.move.offer import Offer, offers
from tokenward.operations.provider.subject import asker_of
from tokenward.presentation.quick_fixes import code_actions, without_edits
from tokenward.sources.documents import Document
from tokenward.sources.source import Source

log = logging.getLogger("tokenward.lsp")

MOST_FINDINGS = 5
"""Of a large selection only the first findings get actions, since each is planned."""


class Offers:
    """What can be done about the findings of a document, thought out once for each version of it.

    Editors ask again whenever the cursor moves, and each plan parses the document.
    """

    def __init__(self, session: Session, keeping: Keeping) -> None:
        self._session = session
        self._keeping = keeping
        self._known: dict[str, tuple[int, dict[Point, Offer]]] = {}

    async def of(self, document: Document, findings: Sequence[Finding]) -> list[Offer]:
        """The offers for some findings of a document as it is now."""
        uri, version = document.origin.uri, document.version
        known = self._known.get(uri, (-1, {}))[1] if self._known.get(uri, (-1,))[0] == version else {}
        missing = [finding for finding in findings if finding.start not in known]
        if missing:
            context, source = self._keeping.context(document), document.source()
            editor = LspEditor(self._session)
            places = self._session.index.places
            counts = [len(places(uri, finding.fingerprint)) for finding in missing]
            work = partial(
                _offers, self._session, context, source, list(zip(missing, counts, strict=True)), editor
            )
            made = await self._session.in_scan_thread(work)
            known = {**known, **{one.finding.start: one for one in made}}
            self._known = {**self._known, uri: (version, known)}
        return [known[finding.start] for finding in findings]

    def forget(self, uri: str) -> None:
        self._known.pop(uri, None)


async def code_action(
    session: Session, offers: Offers, params: types.CodeActionParams
) -> list[types.CodeAction | types.Command] | None:
    """What can be done about the findings that a range touches."""
    document = session.documents.get(params.text_document.uri)
    if document is None or not is_wanted(params.context.only):
        return None
    findings = _findings(session, document, params.range)[:MOST_FINDINGS]
    if not findings:
        return None
    uri, version = document.origin.uri, document.version
    try:
        made = await offers.of(document, findings)
    except TokenwardError as error:
        # Said when the user asks for something; a message at each move of the cursor would be noise.
        log.warning("no quick fixes: %s", type(error).__name__)
        return None
    return [
        action
        for one in made
        for action in code_actions(one, uri, version, diagnostics_of(params.context, one.finding))
    ]


def is_wanted(only: Sequence[types.CodeActionKind | str] | None) -> bool:
    """Whether a client asks for quick fixes, perhaps among others."""
    kinds = [str(getattr(kind, "value", kind)) for kind in only or ()]
    return not kinds or any(kind in ("", "quickfix") for kind in kinds)


def _findings(session: Session, document: Document, within: types.Range) -> tuple[Finding, ...]:
    if session.index.get(document.origin.uri).version != document.version:
        return ()
    encoding, lines = session.encoding, document.lines
    start, end = (from_position(lines, position, encoding) for position in (within.start, within.end))
    return session.index.within(document.origin.uri, start, end)


def _offers(
    session: Session, context: Context, source: Source, counted: list[tuple[Finding, int]], editor: LspEditor
) -> list[Offer]:
    folder = folder_of(context, tuple(session.folders), source.origin)
    context = replace(context, settings=session.settings_of(folder))
    asker = asker_of(context, session.places)
    made = offers(context, editor, source, folder=folder, counted=counted, asker=asker)
    return made if editor.can_edit else [without_edits(one) for one in made]


def diagnostics_of(context: types.CodeActionContext, finding: Finding) -> list[types.Diagnostic]:
    """The client's own diagnostics that an action for the finding would settle."""
    return [
        diagnostic
        for diagnostic in context.diagnostics
        if diagnostic.source == DIAGNOSTIC_SOURCE
        and isinstance(diagnostic.data, dict)
        and diagnostic.data.get("fingerprint") == finding.fingerprint
    ]
