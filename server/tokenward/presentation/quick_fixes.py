"""The quick fixes for a finding, as LSP code actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Protocol

from lsprotocol import types

from tokenward.names import (
    COMMAND_CHECK,
    COMMAND_IGNORE,
    COMMAND_IGNORE_IN_WORKSPACE,
    COMMAND_MOVE,
    COMMAND_PAGE,
    COMMAND_REVOKE,
)
from tokenward.operations.move.offer import Offer
from tokenward.presentation import provider, wording


class ProviderOffer(Protocol):
    """What a token's provider can do.

    Attributes:
        checkable: tell whether the token still works.
        revocable: revoke it.
        page: let its user revoke it by hand; empty if no page is known.
    """

    @property
    def checkable(self) -> bool: ...
    @property
    def revocable(self) -> bool: ...
    @property
    def page(self) -> str: ...


def without_edits(offer: Offer) -> Offer:
    """Return the offer for a client that cannot edit documents."""
    return replace(offer, name=None, other_name=None, all_name=None, ignorable=False)


def code_actions(
    offer: Offer, uri: str, version: int, diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """Yield the quick fixes for a finding; each carries enough to find the token again."""
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
    if offer.ignorable_in_workspace:
        yield quick_fix(wording.IGNORE_IN_WORKSPACE_TITLE, COMMAND_IGNORE_IN_WORKSPACE, here, diagnostics)
    yield from provider_fixes(offer, here, diagnostics)


def provider_fixes(
    offer: ProviderOffer, here: Mapping[str, Any], diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """Yield the quick fixes that involve a token's provider; `here` identifies the token without its value."""
    if offer.checkable:
        yield quick_fix(provider.CHECK_TITLE, COMMAND_CHECK, here, diagnostics)
    if offer.revocable:
        yield quick_fix(provider.REVOKE_TITLE, COMMAND_REVOKE, here, diagnostics)
    elif offer.page:
        yield quick_fix(provider.PAGE_TITLE, COMMAND_PAGE, here, diagnostics)


def quick_fix(
    title: str,
    command: str,
    argument: Mapping[str, Any],
    diagnostics: list[types.Diagnostic],
    *,
    preferred: bool = False,
) -> types.CodeAction:
    """Return a quick fix that carries a command."""
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=diagnostics,
        is_preferred=preferred or None,
        command=types.Command(title=title, command=command, arguments=[dict(argument)]),
    )
