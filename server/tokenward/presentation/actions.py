"""What can be done about a finding, as LSP code actions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lsprotocol import types

from tokenward.names import (
    COMMAND_ALLOW,
    COMMAND_IGNORE,
    COMMAND_MOVE,
)
from tokenward.operations.move.offer import Offer
from tokenward.presentation import wording
from tokenward.presentation.quick_fixes import provider_fixes, quick_fix


def without_edits(offer: Offer) -> Offer:
    """The same for a client that takes no edits of documents, and would only refuse them."""
    return replace(offer, name=None, other_name=None, all_name=None, ignorable=False)


def code_actions(
    offer: Offer, uri: str, version: int, diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """The quick fixes for one finding; each carries enough to find the token again."""
    finding = offer.finding
    found = {"uri": uri, "version": version, "fingerprint": finding.fingerprint}
    here = {**found, "line": finding.start.line, "column": finding.start.column}
    if offer.name:
        title = wording.move_title(offer.token, offer.name)
        yield quick_fix(title, COMMAND_MOVE, {**here, "name": offer.name}, diagnostics, preferred=True)
    if offer.other_name:
        title = wording.move_title(offer.token, offer.other_name)
        yield quick_fix(title, COMMAND_MOVE, {**here, "name": offer.other_name}, diagnostics)
    if offer.all_name:
        title = wording.move_all_title(offer.count, offer.all_name)
        yield quick_fix(title, COMMAND_MOVE, {**found, "name": offer.all_name}, diagnostics)
    if offer.ignorable:
        yield quick_fix(wording.IGNORE_TITLE, COMMAND_IGNORE, here, diagnostics)
    if offer.allowable:
        yield quick_fix(wording.ALLOW_TITLE, COMMAND_ALLOW, here, diagnostics)
    yield from provider_fixes(offer, here, diagnostics)
