"""Quick fixes as the protocol has them, and those that every surface of a token has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

from lsprotocol import types

from tokenward.names import COMMAND_CHECK, COMMAND_PAGE, COMMAND_REVOKE
from tokenward.presentation import asking


class Askable(Protocol):
    """What the provider of a token can be asked.

    Attributes:
        checkable: whether it still works.
        revocable: to end it.
        page: where its user ends it by hand; empty when that is not known.
    """

    @property
    def checkable(self) -> bool: ...
    @property
    def revocable(self) -> bool: ...
    @property
    def page(self) -> str: ...


def provider_fixes(
    offer: Askable, here: Mapping[str, Any], diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """What a token's provider can be asked; `here` says which token, without its value."""
    if offer.checkable:
        yield quick_fix(asking.CHECK_TITLE, COMMAND_CHECK, here, diagnostics)
    if offer.revocable:
        yield quick_fix(asking.REVOKE_TITLE, COMMAND_REVOKE, here, diagnostics)
    elif offer.page:
        yield quick_fix(asking.PAGE_TITLE, COMMAND_PAGE, here, diagnostics)


def quick_fix(
    title: str,
    command: str,
    argument: Mapping[str, Any],
    diagnostics: list[types.Diagnostic],
    *,
    preferred: bool = False,
) -> types.CodeAction:
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=diagnostics,
        is_preferred=preferred or None,
        command=types.Command(title=title, command=command, arguments=[dict(argument)]),
    )
