"""`tokenward agents transcripts`: the tokens that AI agents, editors and shells have kept."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.person import refuse_assistants, require_yes
from tokenward.cli.support.provider_subject import require_consent
from tokenward.cli.support.terminal import print_text, say, sentence
from tokenward.cli.verbs.agents_protection import StatusFormat
from tokenward.errors import NameTaken, TokenwardError
from tokenward.phrases import counted, listed
from tokenward.places import by_home, shown

if TYPE_CHECKING:
    from tokenward.model import Fingerprint, Reference
    from tokenward.operations.context import Context
    from tokenward.operations.provider.subject import ProviderQuestion
    from tokenward.operations.transcripts.files import TranscriptFile
    from tokenward.operations.transcripts.survey import TranscriptSurvey, TranscriptToken

FOUND = 1
"""Exit code if tokens are left in transcripts."""
_NEEDS_YES = "Nobody can be asked here; list the tokens first, then repeat the command with `--yes`."
_MOST_NAMES = 20


def register(group: typer.Typer) -> None:
    """Register the command in the group `agents`."""
    group.command()(transcripts)


def transcripts(
    *,
    store: bool = typer.Option(
        False, "--store", help="Store the tokens that are not stored yet, for this workspace."
    ),
    redact: bool = typer.Option(
        False, "--redact", help="Replace each token by its reference or, if it is not stored, by a label."
    ),
    revoke: bool = typer.Option(
        False, "--revoke", help="Revoke, at their providers, the tokens that an AI agent has seen."
    ),
    agents_only: bool = typer.Option(False, "--agents-only", help="Leave out editors and shells."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Do not ask; with --revoke, requires --host."),
    host: list[str] = typer.Option(
        [], "--host", help="With --revoke --yes: a host that the tokens may be sent to (repeatable)."
    ),
    form: StatusFormat = typer.Option(StatusFormat.HUMAN, "--format", help="The form of the output."),
) -> None:
    """List the tokens in transcripts and memories of AI agents, and in what editors and shells keep.

    Says for each token which agent has seen it, when, and how it got there. The options store the tokens, replace them
    in place, and revoke them, in this order, each after a question. Files that a program has open are left alone.
    Exit codes: 0 no token is left, 1 tokens are left, 2 on a failure.
    """
    from tokenward.presentation.agents.seen_tokens import data_of, lines_of

    if store or redact or revoke:
        refuse_assistants()
    invocation = Invocation.here()
    with invocation.context() as context:
        run = _Run(context, invocation, agents_only=agents_only)
        found = run.found
        if form is StatusFormat.JSON:
            print_text(data_of(found, run.references()))
        else:
            for line in lines_of(found, run.references()):
                print_text(shown(line))
        for trouble in [*run.skipped, *found.troubles]:
            say(f"tokenward: {sentence(trouble)}")
        if store:
            run.store(yes=yes)
        left = run.redact(yes=yes) if redact else bool(found.tokens)
        if revoke:
            run.revoke(host, yes=yes)
    raise typer.Exit(FOUND if left else 0)


class _Run:
    """One run of the verb."""

    def __init__(self, context: Context, invocation: Invocation, *, agents_only: bool) -> None:
        from tokenward.operations.agents_protection.places_of_agents import Ground
        from tokenward.operations.ledger_names import ledger_name
        from tokenward.operations.transcripts.files import TranscriptFinder
        from tokenward.operations.transcripts.records import record_seen
        from tokenward.operations.transcripts.rows import ROWS
        from tokenward.operations.transcripts.survey import survey

        self._context, self._invocation = _strict(context, invocation), invocation
        self.skipped: list[str] = []
        home, folder = Path.home(), invocation.folder
        finder = TranscriptFinder(Ground(home, folder if folder != home else None, os.environ), self.skipped)
        rows = [row for row in ROWS if row.is_agent or not agents_only]
        self._files: list[TranscriptFile] = [*finder.find(rows)]
        self._named = cache(lambda path: ledger_name(context.scanner, path))
        self.found: TranscriptSurvey = survey(self._context.scanner, self._files)
        record_seen(context.ledger, self._named, self.found, [file.path for file in self._files])

    def references(self) -> Mapping[Fingerprint, Reference]:
        """Return where each stored token is, in this workspace if it is there too."""
        entries = self._context.entries.all()
        here = self._context.bindings.name_of(self._invocation.folder)
        ordered = sorted(entries, key=lambda entry: entry.reference.workspace == here)
        return {entry.fingerprint: entry.reference for entry in ordered}

    def store(self, *, yes: bool) -> None:
        """Store the tokens that are not stored yet, after a question."""
        known = self.references()
        new = [token for token in self.found.tokens.values() if token.fingerprint not in known]
        if not new:
            return
        require_yes(
            f"Store {counted(len(new), 'token')} for this workspace?", otherwise=_NEEDS_YES, given=yes
        )
        for token in new:
            try:
                say(f"Stored {self._stored(token)}")
            except TokenwardError as error:
                say(f"tokenward: {token.finding.label} was not stored: {sentence(error)}")

    def redact(self, *, yes: bool) -> bool:
        """Replace the tokens in place, after a question; return whether any is left."""
        from tokenward.operations.transcripts.redact import Redaction

        references = self.references()
        run = Redaction(self._context, self.found, references, self._named, self._invocation.places.writes)
        run.settle(self._files)
        tokens = [*self.found.tokens.values()]
        if not tokens:
            return False
        files = {path for token in tokens for path in token.files()}
        lost = sum(token.fingerprint not in references for token in tokens)
        if lost:
            what = "1 of these tokens is" if lost == 1 else f"{lost:,} of these tokens are"
            say(f"{what} stored nowhere; `--store` stores them first.")
        question = f"Replace {counted(len(tokens), 'token')} in {counted(len(files), 'file')}?"
        require_yes(question, otherwise=_NEEDS_YES, given=yes)
        left = False
        for done in run.redact(self._files):
            left |= bool(done.left)
            if done.gone:
                say(f"{by_home(done.path)}: {counted(len(done.gone), 'token')} replaced")
            if done.left:
                say(f"{by_home(done.path)}: {counted(len(done.left), 'token')} left, because {done.reason}")
        return left

    def revoke(self, named: list[str], *, yes: bool) -> None:
        """Revoke the tokens that an agent has seen and that can be revoked, after one question about all."""
        from tokenward.detection.rules.limits import Cancellation
        from tokenward.operations.provider.check_and_revoke import references_to
        from tokenward.operations.provider.check_and_revoke import revoke as end
        from tokenward.presentation.provider import revoked

        questions = [*filter(None, map(self._question, self.found.tokens.values()))]
        if not questions:
            say("No token that an AI agent has seen can be revoked from here.")
            return
        hosts = {host.name: host for one in questions if one.way for host in one.way.revoke}
        text = f"Revoke {listed([one.token for one in questions])} at {listed([*hosts])}, permanently?"
        require_consent([*hosts.values()], [text], named, yes=yes)
        for one in questions:
            assert one.way is not None  # noqa: S101 - only such are asked about
            result = end(self._context, one, Cancellation())
            references = references_to(self._context, one.fingerprint)
            say(revoked(one.token, one.way.revoke, result, one.profile, references=references))

    def _question(self, token: TranscriptToken) -> ProviderQuestion | None:
        """Return the question to the provider of a token that an agent has seen; None if it has no way."""
        from tokenward.detection.rules.providers import provider_of
        from tokenward.operations.provider.subject import asker_of, question_of_value

        if not token.agents:
            say(f"{token.finding.label} was seen by no AI agent, so it is not revoked.")
            return None
        asker = asker_of(self._context, self._invocation.places)
        name = provider_of(token.finding.rule).variable
        try:
            question = question_of_value(self._context, asker, token.secret, name)
        except TokenwardError:
            question = None
        if question is None or question.way is None or not question.way.revoke:
            say(f"{token.finding.label} cannot be revoked from here; revoke it where it was created.")
            return None
        return question

    def _stored(self, token: TranscriptToken) -> Reference:
        """Store a token under the first free name that its provider suggests."""
        from tokenward.detection.rules.providers import provider_of
        from tokenward.operations.access.put import put

        name = provider_of(token.finding.rule).variable
        for number in count(1):
            free = name if number == 1 else f"{name}_{number}"
            try:
                return put(self._context, self._invocation.folder, free, token.secret, token.finding)[0]
            except NameTaken:
                if number == _MOST_NAMES:
                    raise
        raise AssertionError


def _strict(context: Context, invocation: Invocation) -> Context:
    """Return the context with the user's own rules, where nothing that was pasted or cloned can hide a token."""
    from tokenward.operations.scan.workspace_rules import RootRules

    rules = (
        RootRules(context.scanner, invocation.settings, invocation.places).of(str(invocation.folder)).local
    )
    local = replace(rules, ignore_sources=(), exceptions=(), comments=False)
    return context.scanning_with(replace(context.scanner, local=local))
