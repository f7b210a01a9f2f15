"""tokenward/transcript, and code actions and lenses for the tokens in a transcript."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Any

from lsprotocol import types

from tokenward.detection.rules.providers import provider_of
from tokenward.errors import TokenwardError
from tokenward.language import said
from tokenward.lsp.client.convert import from_range
from tokenward.lsp.features.reference_actions import diagnostics_of, wants_quick_fixes
from tokenward.lsp.parts import Parts
from tokenward.lsp.terminals.execution import TranscriptPage
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.model import Finding, Fingerprint
from tokenward.operations.context import Context
from tokenward.operations.provider.subject import asker_of
from tokenward.presentation.quick_fixes import TerminalOffer
from tokenward.presentation.terminals import GONE, terminal_actions
from tokenward.text import split_lines

log = logging.getLogger("tokenward.lsp")

MOST_LENSES = 20
"""The most tokens in a transcript that get lenses, because each is planned."""


def transcript(parts: Parts, params: Any) -> dict[str, Any]:
    """Return the text of a URI and its version, or a text that says that it is missing."""
    uri = params.get("uri") if isinstance(params, dict) else None
    page = parts.terminals.get(uri) if isinstance(uri, str) else None
    if page is None or page.transcript is None:
        return {"text": f"{said(GONE)}\n", "version": 0}
    return {"text": page.transcript.text, "version": page.version}


async def transcript_actions(
    parts: Parts, params: types.CodeActionParams, most: int
) -> list[types.CodeAction]:
    """Return actions for the first tokens of a transcript that a range touches."""
    page = parts.terminals.get(params.text_document.uri)
    if page is None or not wants_quick_fixes(params.context.only):
        return []
    assert page.transcript is not None  # noqa: S101 - only what is shown has a uri
    start, end = from_range(split_lines(page.transcript.text), params.range, parts.session.encoding)
    findings = parts.session.index.within(page.uri, start, end)[:most]
    return [
        action
        for offer in await _offers(parts, page, findings)
        for action in terminal_actions(
            offer, page.uri, page.version, diagnostics_of(params.context, offer.finding)
        )
    ]


async def transcript_lenses(parts: Parts, uri: str) -> list[types.CodeLens] | None:
    """Return the same as lenses above each token, for editors whose quick fixes require an editable text."""
    page = parts.terminals.get(uri)
    if page is None:
        return None
    first = {one.fingerprint: one for one in reversed(parts.session.index.get(page.uri).findings)}
    findings = sorted(first.values(), key=lambda finding: finding.start)[:MOST_LENSES]
    return [
        types.CodeLens(parts.shown.range_of(page.uri, offer.finding), action.command)
        for offer in await _offers(parts, page, findings)
        for action in terminal_actions(offer, page.uri, page.version, [])
    ]


async def _offers(parts: Parts, page: TranscriptPage, findings: Sequence[Finding]) -> list[TerminalOffer]:
    """Return actions for some tokens; none until the rules are loaded."""
    session, terminals = parts.session, parts.terminals
    names: dict[Fingerprint, str] = {one.fingerprint: one.variable for one in page.printed}
    named = [(finding, names[finding.fingerprint]) for finding in findings if finding.fingerprint in names]
    if not named:
        return []
    try:
        return await session.in_scan_thread(partial(_plan, terminals, page, parts.vault.context(), named))
    except TokenwardError as error:
        log.warning("no actions for a terminal: %s", type(error).__name__)
        return []


def _plan(
    terminals: Terminals, page: TranscriptPage, context: Context, named: Sequence[tuple[Finding, str]]
) -> list[TerminalOffer]:
    context, folder = terminals.in_workspace(page, context)
    asker, offers = asker_of(context, terminals.session.places), []
    for finding, variable in named:
        name = None
        is_usable = finding.whole and page.has_values
        if is_usable and folder is not None:
            workspace = context.workspace_of(folder)
            name = context.entries.free_name(workspace, [variable], finding.fingerprint)
        support, provider = asker.support(finding.rule), provider_of(finding.rule)
        checkable, revocable = (is_usable and one for one in (support.check, support.revoke))
        offers.append(TerminalOffer(finding, provider.token, name, checkable, revocable, provider.page))
    return offers
