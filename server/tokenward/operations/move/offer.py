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
from tokenward.errors import NoReader, TokenwardError
from tokenward.findings.scan import CachingScanner
from tokenward.model import Finding, Reference, Span
from tokenward.operations.context import Context
from tokenward.operations.files.editor import Editor
from tokenward.operations.ignore.ignore_comment import all_ignorable, plan_ignore
from tokenward.operations.move.file_tokens import FileTokens
from tokenward.operations.move.plan import MovePlan, MoveRequest, plan_move
from tokenward.operations.move.store_aside import aside_name
from tokenward.operations.origins import language_if_known
from tokenward.rewriting.excerpt import excerpt
from tokenward.rewriting.languages import Language
from tokenward.rewriting.parsing_once import parsing_once
from tokenward.rewriting.planner import parsing_for
from tokenward.rewriting.rewrite import check_together
from tokenward.sources.source import Source

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Offer:
    """The possible actions on a finding.

    Attributes:
        finding: the one under the cursor.
        name: its name in the keyring after a move; None if it cannot be moved.
        other_name: an alternative to that name, or None.
        all_name: the name after a move of all its occurrences; None if there is only one, or not all can be moved.
        template_name: the name after a move that leaves a reference for `tokenward inject`; None if that is not needed.
        aside_name: the name if it is stored while its text stays; None if it can be moved or cannot be stored.
        look_up: the text that takes the token's place in a move under `name`.
        after: the step left after the move; empty for none.
        count: the number of its occurrences in the file.
        ignorable_in_workspace: an entry can be added to the workspace's ignore file.
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
    places = (range(one.start.line, one.end.line + 1) for _, same in found for one in same)
    near = excerpt(source.text, places)
    with parsing_once(), parsing_for(folder, is_awaited=True):
        # What cannot be done there may be possible in the whole text.
        with suppress(TokenwardError):
            if near is not None:
                offering = _Offering(context, editor, replace(source, text=near), folder, is_whole=False)
                return offering.offers(found, support_of)
        return _Offering(context, editor, source, folder, is_whole=True).offers(found, support_of)


class _Offering:
    """Makes the offers for one text, or for a part of it.

    Where it raises TokenwardError, something is refused, and more of the text may change that.
    """

    def __init__(
        self, context: Context, editor: Editor, source: Source, folder: Path | None, *, is_whole: bool
    ) -> None:
        self._context = context
        self._editor = editor
        self._source = source
        self._folder = folder
        self._tokens = FileTokens.of(context.scanner, source)
        self._language = language_if_known(source)
        self._is_whole = is_whole or self._language is None
        self._workspace: str | None = None
        if folder is not None:
            # Without its records, nothing can be moved.
            with suppress(TokenwardError):
                self._workspace = context.workspace_of(folder)

    def offers(
        self, found: Sequence[tuple[Finding, Sequence[Finding]]], support_of: Callable[[str], Support]
    ) -> list[Offer]:
        """Return the offers."""
        if self._workspace is not None and self._language is not None:
            self._check_together(self._language, self._workspace, (finding for finding, _ in found))
        offers = [self._offer(finding, len(same), support_of(finding.rule)) for finding, same in found]
        if self._language is None or self._language.comment is None:
            return offers
        all_are = all_ignorable(self._source, [offer.finding for offer in offers])
        return [replace(one, ignorable=all_are or self._is_ignorable(one.finding)) for one in offers]

    def _check_together(self, language: Language, workspace: str, findings: Iterable[Finding]) -> None:
        """Check the moves of all findings, alone and with the others of their value, with one parse if possible."""
        groups: set[tuple[Span, ...]] = set()
        for finding in findings:
            found = zip(self._tokens.findings, self._tokens.detections, strict=True)
            same = {one.start: place.span for one, place in found if one.fingerprint == finding.fingerprint}
            if finding.whole and finding.start in same:
                groups |= {(same[finding.start],), tuple(same.values())}
        with suppress(TokenwardError):
            check_together(self._source.text, language, sorted(groups), Reference(workspace, "TOKEN"))

    def _offer(self, finding: Finding, count: int, support: Support) -> Offer:
        provider = provider_of(finding.rule)
        name = other_name = all_name = template_name = stored_name = None
        look_up = after = ""
        if finding.whole and self._folder is not None and self._workspace is not None:
            everywhere = MoveRequest(self._source, self._folder, finding.fingerprint)
            here = replace(everywhere, at=finding.start)
            if (plan := self._plan(here)) is not None:
                name, look_up, after = plan.reference.name, plan.look_up, plan.after
            else:
                template_name = self._name(replace(here, template=True))
                stored_name = aside_name(self._context, here, self._editor)
            if name is not None and not name.startswith(provider.variable):
                other_name = self._name(replace(here, suggested=provider.variable))
            all_name = self._name(everywhere) if name is not None and count > 1 else None
        return Offer(
            finding,
            provider.token,
            name=name,
            other_name=other_name if other_name != name else None,
            all_name=all_name,
            count=count,
            ignorable=False,
            ignorable_in_workspace=self._folder is not None
            and self._context.settings.allow_repository_ignores,
            checkable=finding.whole and support.check,
            revocable=finding.whole and support.revoke,
            page=provider.page,
            template_name=template_name,
            aside_name=stored_name,
            look_up=look_up,
            after=after,
        )

    def _name(self, request: MoveRequest) -> str | None:
        plan = self._plan(request)
        return plan.reference.name if plan else None

    def _plan(self, request: MoveRequest) -> MovePlan | None:
        """Return the plan of a move; None if it would be refused."""
        workspace = self._workspace
        if workspace is None:
            return None
        return self._tried(lambda: plan_move(self._context, self._tokens, request, self._editor, workspace))

    def _is_ignorable(self, finding: Finding) -> bool:
        planned = partial(plan_ignore, self._context, self._source, finding.fingerprint, finding.start)
        return self._tried(planned) is not None

    def _tried(self, make: Callable[[], Result]) -> Result | None:
        """Return a result; None if it is refused, whatever else is in the text."""
        try:
            return make()
        except NoReader:
            return None
        except TokenwardError:
            if self._is_whole:
                return None
            raise
