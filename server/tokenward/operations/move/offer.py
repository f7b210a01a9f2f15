"""What a user can be offered for a finding: only what would work."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from tokenward.detection.rules.providers import provider_of
from tokenward.detection.validation.methods import MethodFinder
from tokenward.errors import TokenwardError
from tokenward.findings.scan import CachingScanner
from tokenward.model import Finding
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.ignore.ignore_comment import all_ignorable, plan_ignore
from tokenward.operations.move.plan import MovePlan, MoveRequest, plan_move
from tokenward.operations.move.store_aside import aside_name
from tokenward.operations.origins import preferred_workspace
from tokenward.rewriting.languages import parsing_once
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done about a finding.

    Attributes:
        finding: the one under the cursor.
        token: the description of its token for people.
        name: its name in the keyring after a move; None if it cannot be moved.
        other_name: an alternative to that name; None if there is none.
        all_name: the name after a move of all its occurrences; None if there is only one, or not all can be moved.
        template_name: the name after a move that leaves a reference for `tokenward inject`; None if that is not needed.
        aside_name: the name if it is stored while its text stays; None if it can be moved, or not be stored.
        look_up: takes the token's place in a move by `name`.
        left: what is left to do after the move, in a few words; empty if nothing is.
        count: the number of its occurrences in the file.
        ignorable: an ignore comment can be added.
        ignorable_in_workspace: an entry can be added to the workspace's ignore file.
        checkable: its provider can say whether it works.
        revocable: its provider can revoke it.
        page: where its user can revoke it; empty if no page is known.
    """

    finding: Finding
    token: str
    name: str | None
    other_name: str | None
    all_name: str | None
    count: int
    ignorable: bool
    ignorable_in_workspace: bool
    checkable: bool = False
    revocable: bool = False
    page: str = ""
    template_name: str | None = None
    aside_name: str | None = None
    look_up: str = ""
    left: str = ""


def offers(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    counted: Iterable[tuple[Finding, int]],
    methods: MethodFinder,
) -> list[Offer]:
    """Return an offer for each of some findings of a source, given with the number of its occurrences there."""
    context = context.scanning_with(CachingScanner.of(context.scanner))
    with parsing_once():
        planned = [
            _offer(context, editor, source, folder=folder, finding=finding, count=count, methods=methods)
            for finding, count in counted
        ]
        all_are = all_ignorable(source, [offer.finding for offer in planned])
        return [
            replace(offer, ignorable=all_are or _is_ignorable(context, source, offer.finding))
            for offer in planned
        ]


def _offer(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    finding: Finding,
    count: int,
    methods: MethodFinder,
) -> Offer:
    provider = provider_of(finding.rule)
    name = other_name = all_name = template_name = stored_name = None
    look_up = left = ""
    if finding.whole and folder is not None:
        everywhere = MoveRequest(source, folder, finding.fingerprint)
        here = replace(everywhere, at=finding.start)
        if (plan := _plan(context, editor, here)) is not None:
            name, look_up, left = plan.reference.name, plan.look_up, plan.left or plan.after
        else:
            template_name = _planned_name(context, editor, replace(here, template=True))
            stored_name = _aside_name(context, editor, here)
        if name is not None and not name.startswith(provider.variable):
            other_name = _planned_name(context, editor, replace(here, suggested=provider.variable))
        all_name = _planned_name(context, editor, everywhere) if name is not None and count > 1 else None
    support = methods.support(finding.rule)
    return Offer(
        finding,
        provider.token,
        name=name,
        other_name=other_name if other_name != name else None,
        all_name=all_name,
        count=count,
        ignorable=False,
        ignorable_in_workspace=folder is not None and context.settings.allow_repository_ignores,
        checkable=finding.whole and support.check,
        revocable=finding.whole and support.revoke,
        page=provider.page,
        template_name=template_name,
        aside_name=stored_name,
        look_up=look_up,
        left=left,
    )


def _planned_name(context: Context, editor: Editor, request: MoveRequest) -> str | None:
    """Return the name that a move would give; None if it would be refused."""
    plan = _plan(context, editor, request)
    return plan.reference.name if plan else None


def _plan(context: Context, editor: Editor, request: MoveRequest) -> MovePlan | None:
    try:
        folder = request.folder
        workspace = context.bindings.name_of(folder) or preferred_workspace(context.settings, folder)
        return plan_move(context, request, editor, workspace)
    except TokenwardError:
        return None


def _aside_name(context: Context, editor: Editor, request: MoveRequest) -> str | None:
    try:
        return aside_name(context, request, editor)
    except TokenwardError:
        return None


def _is_ignorable(context: Context, source: Source, finding: Finding) -> bool:
    try:
        plan_ignore(context, source, finding.fingerprint, finding.start)
    except TokenwardError:
        return False
    return True
