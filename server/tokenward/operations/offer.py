"""What a user can be offered for a finding: only what would work."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tokenward.detection.providers import provider_of
from tokenward.errors import TokenwardError
from tokenward.model import Finding
from tokenward.operations.context import Context
from tokenward.operations.editor import Editor
from tokenward.operations.ignore import plan_ignore
from tokenward.operations.plan import MoveRequest, plan_move, preferred_workspace
from tokenward.presentation.actions import Offer
from tokenward.sources.source import Source


def offer(
    context: Context, editor: Editor, source: Source, *, folder: Path | None, finding: Finding, count: int
) -> Offer:
    """What can be done about a finding of a source that has `count` occurrences in it."""
    movable = finding.whole and folder is not None
    name = all_name = None
    if movable and folder is not None:
        everywhere = MoveRequest(source, folder, finding.fingerprint)
        name = _name(context, editor, replace(everywhere, at=finding.start))
        all_name = _name(context, editor, everywhere) if count > 1 else None
    token = provider_of(finding.rule).token
    return Offer(finding, token, name, all_name, count, _is_ignorable(context, source, finding))


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
