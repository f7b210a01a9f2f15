"""What a user can be offered for a finding: only what would work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from tokenward.detection.detection import Detection
from tokenward.detection.rules.providers import provider_of
from tokenward.detection.validation.methods import MethodFinder
from tokenward.errors import TokenwardError
from tokenward.findings.scan import Scanner
from tokenward.model import Finding
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.ignore.ignore_comment import all_ignorable, plan_ignore
from tokenward.operations.move.plan import MoveRequest, plan_move
from tokenward.operations.origins import preferred_workspace
from tokenward.rewriting.languages import parsing_once
from tokenward.sources.source import Source


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be done about a finding.

    Attributes:
        finding: the one under the cursor.
        token: what a person calls its token.
        name: what it would be called in the keyring; None when it cannot be moved.
        other_name: what it could be called instead; None when there is nothing else to suggest.
        all_name: the same for all its occurrences in the file; None when there is one, or not all can be moved.
        count: its occurrences in the file.
        ignorable: an ignore comment can be added.
        allowable: an entry in the workspace's ignore file can be.
        checkable: its provider can be asked whether it works.
        revocable: its provider can be asked to end it.
        page: where its user can end it; empty when that is not known.
    """

    finding: Finding
    token: str
    name: str | None
    other_name: str | None
    all_name: str | None
    count: int
    ignorable: bool
    allowable: bool
    checkable: bool = False
    revocable: bool = False
    page: str = ""


@dataclass(frozen=True, slots=True)
class _Looked(Scanner):
    """A scanner that has looked at one source already."""

    source: Source | None = None
    seen: Sequence[Detection] = field(default=(), repr=False)

    def detections(self, source: Source) -> Sequence[Detection]:
        return self.seen if source is self.source else Scanner.detections(self, source)


def offers(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    counted: Iterable[tuple[Finding, int]],
    asker: MethodFinder,
) -> list[Offer]:
    """What can be done about each of some findings of a source, with the number of its occurrences in it."""
    one = context.scanner
    seen = one.detections(source)
    looked = _Looked(one.detector, one.fingerprint, one.local, one.prefix, source, seen)
    context = context.scanning_with(looked)
    with parsing_once():
        made = [
            _offer(context, editor, source, folder=folder, finding=finding, count=count, asker=asker)
            for finding, count in counted
        ]
        if all_ignorable(source, [one.finding for one in made]):
            return [replace(one, ignorable=True) for one in made]
        return [replace(one, ignorable=_is_ignorable(context, source, one.finding)) for one in made]


def _offer(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    finding: Finding,
    count: int,
    asker: MethodFinder,
) -> Offer:
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
        ignorable=False,
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
