"""The actions to offer for a finding: only those that would work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

from tokenward.detection.rules.providers import provider_of
from tokenward.detection.validation.methods import MethodFinder, Support
from tokenward.errors import NoReader, RewriteRefused, TokenwardError
from tokenward.findings.scan import CachingScanner
from tokenward.model import Finding, Reference, Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor, FileEdit
from tokenward.operations.ignore.ignore_comment import all_ignorable, plan_ignore
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.plan import MovePlan, MoveRequest, plan_found
from tokenward.operations.move.store_aside import aside_name
from tokenward.operations.origins import language_for, preferred_workspace
from tokenward.rewriting.excerpt import excerpt
from tokenward.rewriting.languages import Language, parsing_once
from tokenward.rewriting.rewrite import check_together
from tokenward.sources.source import Source

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Offer:
    """The possible actions on a finding.

    Attributes:
        finding: the one under the cursor.
        token: the description of its token for people.
        name: its name in the keyring after a move; None if it cannot be moved.
        other_name: an alternative to that name, or None.
        all_name: the name after a move of all its occurrences; None if there is only one, or not all can be moved.
        template_name: the name after a move that leaves a reference for `tokenward inject`; None if that is not needed.
        aside_name: the name if it is stored while its text stays; None if it can be moved or cannot be stored.
        look_up: the text that takes the token's place in a move under `name`.
        after: the step left after the move; empty for none.
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
    after: str = ""


def offers(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    found: Iterable[tuple[Finding, Sequence[Finding]]],
    methods: MethodFinder,
) -> list[Offer]:
    """Return an offer for each of some findings of a source, given with every finding of its token there.

    In a long text, only the lines around the findings are read; the action itself checks the whole text.
    """
    context = context.scanning_with(CachingScanner.of(context.scanner))
    found, support_of = list(found), cache(methods.support)
    workspace = None if folder is None else _workspace(context, folder)
    make = partial(
        _offers, context, editor, folder=folder, workspace=workspace, found=found, support_of=support_of
    )
    places = (range(one.start.line, one.end.line + 1) for _, same in found for one in same)
    near = excerpt(source.text, places)
    with parsing_once():
        # What cannot be done there may be possible in the whole text.
        with suppress(TokenwardError):
            if near is not None:
                return make(replace(source, text=near), is_whole=False)
        return make(source, is_whole=True)


def _offers(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    workspace: str | None,
    found: Sequence[tuple[Finding, Sequence[Finding]]],
    support_of: Callable[[str], Support],
    is_whole: bool,
) -> list[Offer]:
    """Return the offers.

    Raises:
        TokenwardError: something is refused, and more of the text may change that.
    """
    tokens = FileTokens.of(context.scanner, source)
    language = _language(source)
    tried = partial(_tried, is_whole=is_whole or language is None)

    def plan(request: MoveRequest) -> MovePlan | None:
        """Return the plan of a move; None if it would be refused."""
        if workspace is None:
            return None
        return tried(partial(plan_found, context, tokens, request, editor, workspace))

    if workspace is not None and language is not None:
        _check_together(tokens, language, workspace, (finding for finding, _ in found))
    planned = [
        _offer(
            context,
            editor,
            source,
            folder=folder,
            finding=finding,
            count=len(same),
            planned=plan,
            support=support_of(finding.rule),
        )
        for finding, same in found
    ]
    if language is None or language.comment is None:
        return planned
    all_are = all_ignorable(source, [offer.finding for offer in planned])
    return [replace(one, ignorable=all_are or _is_ignorable(context, source, one, tried)) for one in planned]


def _language(source: Source) -> Language | None:
    try:
        return language_for(source)
    except RewriteRefused:
        return None


def _tried(make: Callable[[], Result], *, is_whole: bool) -> Result | None:
    """Return a result; None if it is refused, whatever else is in the text.

    Raises:
        TokenwardError: it is refused, but perhaps not in the whole text.
    """
    try:
        return make()
    except NoReader:
        return None
    except TokenwardError:
        if is_whole:
            return None
        raise


def _check_together(
    tokens: FileTokens, language: Language, workspace: str, findings: Iterable[Finding]
) -> None:
    """Check the moves of all findings, each alone and with the others of its value, with one parse where possible."""
    groups: set[tuple[Span, ...]] = set()
    for finding in findings:
        found = zip(tokens.findings, tokens.detections, strict=True)
        same = {one.start: place.span for one, place in found if one.fingerprint == finding.fingerprint}
        if finding.whole and finding.start in same:
            groups |= {(same[finding.start],), tuple(same.values())}
    with suppress(TokenwardError):
        check_together(tokens.source.text, language, sorted(groups), Reference(workspace, "TOKEN"))


def _offer(
    context: Context,
    editor: Editor,
    source: Source,
    *,
    folder: Path | None,
    finding: Finding,
    count: int,
    planned: Callable[[MoveRequest], MovePlan | None],
    support: Support,
) -> Offer:
    provider = provider_of(finding.rule)
    name = other_name = all_name = template_name = stored_name = None
    look_up = after = ""
    if finding.whole and folder is not None:
        everywhere = MoveRequest(source, folder, finding.fingerprint)
        here = replace(everywhere, at=finding.start)
        if (plan := planned(here)) is not None:
            name, look_up, after = plan.reference.name, plan.look_up, plan.after
        else:
            template_name = _name_of(planned(replace(here, template=True)))
            stored_name = _aside_name(context, editor, here)
        if name is not None and not name.startswith(provider.variable):
            other_name = _name_of(planned(replace(here, suggested=provider.variable)))
        all_name = _name_of(planned(everywhere)) if name is not None and count > 1 else None
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
        after=after,
    )


def _name_of(plan: MovePlan | None) -> str | None:
    return plan.reference.name if plan else None


def _aside_name(context: Context, editor: Editor, request: MoveRequest) -> str | None:
    try:
        return aside_name(context, request, editor)
    except TokenwardError:
        return None


def _is_ignorable(
    context: Context, source: Source, offer: Offer, tried: Callable[[Callable[[], FileEdit]], FileEdit | None]
) -> bool:
    finding = offer.finding
    return tried(partial(plan_ignore, context, source, finding.fingerprint, finding.start)) is not None


def _workspace(context: Context, folder: Path) -> str | None:
    """Return the name of the folder's workspace; None if it cannot be read, so nothing can be moved."""
    try:
        return context.bindings.name_of(folder) or preferred_workspace(context.settings, folder)
    except TokenwardError:
        return None
