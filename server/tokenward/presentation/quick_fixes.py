"""The quick fixes for a finding, as LSP code actions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types

from tokenward import names
from tokenward.fast_dataclasses import dataclass
from tokenward.language import phrase, said
from tokenward.model import Finding
from tokenward.presentation import wording

MOVE_ALL_KINDS = {
    "source.tokenward.moveAllInFile": (wording.MOVE_ALL_IN_FILE_TITLE, "file"),
    "source.tokenward.moveAllInWorkspace": (wording.MOVE_ALL_IN_WORKSPACE_TITLE, "workspace"),
}
"""The kinds of source actions, each with its title and its scope."""


if TYPE_CHECKING:
    from tokenward.operations.move.offer import Offer


@dataclass(frozen=True, slots=True)
class TerminalOffer:
    """The possible actions on a token that a terminal printed; the fields are those of an `Offer`."""

    finding: Finding
    token: str
    name: str | None
    checkable: bool
    revocable: bool
    page: str


def without_edits(offer: Offer) -> Offer:
    """Return the offer for a client that cannot edit documents."""
    return replace(
        offer,
        name=None,
        other_name=None,
        all_name=None,
        template_name=None,
        aside_name=None,
        ignorable=False,
    )


def code_actions(
    offer: Offer, uri: str, version: int, diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """Yield the quick fixes for a finding; each carries enough to find the token again."""
    finding = offer.finding
    found = {"uri": uri, "version": version, "fingerprint": finding.fingerprint}
    here = {**found, "line": finding.start.line, "column": finding.start.column}
    if offer.name:
        title = wording.move_title(offer.token, offer.name, offer.look_up, offer.after)
        works = not offer.after
        yield quick_fix(title, names.COMMAND_MOVE, {**here, "name": offer.name}, diagnostics, preferred=works)
    if offer.name and offer.other_name:
        look_up, after = (text.replace(offer.name, offer.other_name) for text in (offer.look_up, offer.after))
        title = wording.move_title(offer.token, offer.other_name, look_up, after)
        yield quick_fix(title, names.COMMAND_MOVE, {**here, "name": offer.other_name}, diagnostics)
    if offer.all_name:
        title = wording.move_all_title(offer.count, offer.all_name, offer.after)
        yield quick_fix(title, names.COMMAND_MOVE, {**found, "name": offer.all_name}, diagnostics)
    if offer.aside_name:
        text = phrase("Store this {token} as {name} and add it to .env")
        title = said(text, token=offer.token, name=offer.aside_name)
        yield quick_fix(title, names.COMMAND_STORE_ASIDE, {**here, "name": offer.aside_name}, diagnostics)
    if offer.template_name:
        text = phrase(
            "Move this {token} to the keyring as {name}, leaving a reference for `tokenward inject`"
        )
        title = said(text, token=offer.token, name=offer.template_name)
        argument = {**here, "name": offer.template_name, "template": True}
        yield quick_fix(title, names.COMMAND_MOVE, argument, diagnostics)
    if offer.ignorable:
        yield quick_fix(wording.IGNORE_TITLE, names.COMMAND_IGNORE, here, diagnostics)
    if offer.ignorable_in_workspace:
        yield quick_fix(
            wording.IGNORE_IN_WORKSPACE_TITLE, names.COMMAND_IGNORE_IN_WORKSPACE, here, diagnostics
        )
    yield from provider_fixes(offer, here, diagnostics)


def distinguished(groups: Iterable[tuple[Finding, Iterable[types.CodeAction]]]) -> list[types.CodeAction]:
    """Return the actions of several findings, those with the same title with the name and place of their token."""
    placed = [(finding, action) for finding, actions in groups for action in actions]
    titles = Counter(action.title for _, action in placed)
    distinct: list[types.CodeAction] = []
    for finding, action in placed:
        title = action.title
        if titles[title] > 1:
            line, column = finding.start.line + 1, finding.start.column + 1
            place = said("line {line}, column {column}", line=line, column=column)
            title = f"{title} ({', '.join(filter(None, [finding.name, place]))})"
        distinct.append(attrs.evolve(action, title=title))
    return distinct


def provider_fixes(
    offer: Offer | TerminalOffer, here: Mapping[str, Any], diagnostics: list[types.Diagnostic]
) -> Iterator[types.CodeAction]:
    """Yield the quick fixes that involve a token's provider; `here` identifies the token without its value."""
    if offer.checkable:
        yield quick_fix(wording.CHECK_TITLE, names.COMMAND_CHECK, here, diagnostics)
    if offer.revocable:
        yield quick_fix(wording.REVOKE_TITLE, names.COMMAND_REVOKE, here, diagnostics)
    elif offer.page:
        yield quick_fix(wording.PAGE_TITLE, names.COMMAND_PAGE, here, diagnostics)


def quick_fix(
    title: str,
    command: str,
    argument: Mapping[str, Any],
    diagnostics: list[types.Diagnostic],
    *,
    preferred: bool = False,
) -> types.CodeAction:
    """Return a quick fix that carries a command."""
    title = said(title)
    return types.CodeAction(
        title=title,
        kind=types.CodeActionKind.QuickFix,
        diagnostics=diagnostics,
        is_preferred=preferred or None,
        command=types.Command(title=title, command=command, arguments=[dict(argument)]),
    )


def source_action(kind: str, uri: str, version: int) -> types.CodeAction:
    """Return the action that moves all tokens; its command asks first."""
    english, scope = MOVE_ALL_KINDS[kind]
    title = said(english)
    argument = {"uri": uri, "version": version, "scope": scope}
    return types.CodeAction(
        title=title,
        kind=kind,
        command=types.Command(title=title, command=names.COMMAND_MOVE_ALL, arguments=[argument]),
    )
