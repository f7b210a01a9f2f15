"""textDocument/codeAction in a text that tells what a terminal printed."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from lsprotocol import types

from tokenward.detection.rules.providers import provider_of
from tokenward.errors import TokenwardError
from tokenward.lsp.client.convert import from_position
from tokenward.lsp.client.session import Session
from tokenward.lsp.client.transcript_uris import is_transcript
from tokenward.lsp.client.vault_access import Keeping
from tokenward.lsp.features.code_actions import MOST_FINDINGS, diagnostics_of, is_wanted
from tokenward.lsp.terminals.check import context_of, place_of, settled
from tokenward.lsp.terminals.terminals import Terminals
from tokenward.lsp.terminals.transcript_page import Page
from tokenward.model import Finding, Fingerprint
from tokenward.operations.context import Context
from tokenward.operations.origins import preferred_workspace
from tokenward.operations.provider.subject import asker_of
from tokenward.presentation.terminals import TerminalOffer, terminal_actions
from tokenward.sources.source import Origin
from tokenward.text import split_lines

log = logging.getLogger("tokenward.lsp")

MOST_LENSES = 20
"""Of a transcript's tokens only the first have lenses, since each is planned."""

Actions = list[types.CodeAction | types.Command] | None


async def code_action(
    terminals: Terminals,
    keeping: Keeping,
    otherwise: Callable[[types.CodeActionParams], Awaitable[Actions]],
    params: types.CodeActionParams,
) -> Actions:
    """What can be done about the tokens of a transcript that a range touches; other documents go to `otherwise`."""
    uri = params.text_document.uri
    if not is_transcript(uri):
        return await otherwise(params)
    page = terminals.get(uri)
    if page is None or not is_wanted(params.context.only):
        return None
    findings = _touched(terminals.session, page, params.range)[:MOST_FINDINGS]
    try:
        offers = await _offers(terminals, keeping, page, findings)
    except TokenwardError as error:
        log.warning("no quick fixes: %s", type(error).__name__)
        return None
    return [
        action
        for offer in offers
        for action in terminal_actions(
            offer, page.uri, page.version, diagnostics_of(params.context, offer.finding)
        )
    ]


async def code_lens(
    terminals: Terminals, keeping: Keeping, params: types.CodeLensParams
) -> list[types.CodeLens] | None:
    """The same above each token of a transcript, for editors whose quick fixes need a text that can be edited."""
    page = terminals.get(params.text_document.uri) if is_transcript(params.text_document.uri) else None
    if page is None:
        return None
    first = {one.fingerprint: one for one in reversed(terminals.session.index.get(page.uri).findings)}
    findings = sorted(first.values(), key=lambda finding: finding.start)[:MOST_LENSES]
    try:
        offers = await _offers(terminals, keeping, page, findings)
    except TokenwardError as error:
        log.warning("no code lenses: %s", type(error).__name__)
        return None
    return [
        types.CodeLens(terminals.view.range_of(page.uri, offer.finding), action.command)
        for offer in offers
        for action in terminal_actions(offer, page.uri, page.version, [])
    ]


def _touched(session: Session, page: Page, within: types.Range) -> tuple[Finding, ...]:
    assert page.transcript is not None  # noqa: S101 - only what is shown has a uri
    lines = split_lines(page.transcript.text)
    start, end = (from_position(lines, place, session.encoding) for place in (within.start, within.end))
    return session.index.within(page.uri, start, end)


async def _offers(
    terminals: Terminals, keeping: Keeping, page: Page, findings: Sequence[Finding]
) -> list[TerminalOffer]:
    names: dict[Fingerprint, str] = {one.fingerprint: one.variable for one in page.printed}
    wanted = [(finding, names[finding.fingerprint]) for finding in findings if finding.fingerprint in names]
    if not wanted:
        return []
    context = context_of(terminals, keeping, page)
    place = place_of(terminals, page)
    return await terminals.session.in_scan_thread(
        partial(_offered, terminals.session, context, place, wanted, has_values=page.has_values)
    )


def _offered(
    session: Session,
    context: Context,
    place: Origin,
    wanted: Sequence[tuple[Finding, str]],
    *,
    has_values: bool,
) -> list[TerminalOffer]:
    context, folder = settled(session, context, place)
    asker, offers = asker_of(context, session.places), []
    for finding, variable in wanted:
        name = None
        is_usable = finding.whole and has_values
        if is_usable and folder is not None:
            workspace = context.bindings.name_of(folder) or preferred_workspace(context.settings, folder)
            name = context.entries.free_name(workspace, variable, finding.fingerprint)
        support, provider = asker.support(finding.rule), provider_of(finding.rule)
        checkable, revocable = (is_usable and one for one in (support.check, support.revoke))
        offers.append(TerminalOffer(finding, provider.token, name, checkable, revocable, provider.page))
    return offers
