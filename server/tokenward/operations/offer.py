"""What a user can be offered for a finding: only what would work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tokenward.detection.providers import provider_of
from tokenward.detection.ways import Asker
from tokenward.errors import TokenwardError
from tokenward.model import Finding
from tokenward.operations.context import Context
from tokenward.operations.editor import Editor
from tokenward.operations.ignore import plan_ignore
from tokenward.operations.plan import MoveRequest, plan_move, preferred_workspace
from tokenward.presentation.actions import Offer
from tokenward.sources.source import Source


def offer(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    finding: Finding,
    count: int,
    asker: Asker,
) -> Offer:
    """What can be done about a finding of a source that has `count` occurrences in it."""
    provider = provider_of(finding.rule)
    name = other_name = all_name = None
    if finding.whole and folder is not None:
        everywhere = MoveRequest(source, folder, finding.fingerprint)
        here = replace(everywhere, at=finding.start)
        name = _name(context, editor, here)
        if name is not None and not name.startswith(provider.variable):
            other_name = _name(context, editor, replace(here, suggested=provider.variable))
        all_name = _name(context, editor, everywhere) if name is not None and count > 1 else None
    support = asker.support(finding.rule)
    return Offer(
        finding,
        provider.token,
        name=name,
        other_name=other_name if other_name != name else None,
        all_name=all_name,
        count=count,
        ignorable=_is_ignorable(context, source, finding),
        allowable=folder is not None and context.settings.allow_repository_ignores,
        checkable=finding.whole and support.check,
        revocable=finding.whole and support.revoke,
        page=provider.page,
    )


def _name(context: Context, editor: Editor, request: MoveRequest) -> str | None:
    """The name that a move would give; None when it would be refused."""
    try:
        folder = request.folder
        workspace = context.bindings.name_of(folder) or preferred_workspace(context.settings, folder)
        return plan_move(context, request, editor, workspace).reference.name
    except TokenwardError:
        return None


def _is_ignorable(context: Context, source: Source, finding: Finding) -> bool:
    try:
        plan_ignore(context, source, finding.fingerprint, finding.start)
    except TokenwardError:
        return False
    return True
