"""`tokenward agents transcripts`: the tokens that AI agents, editors and shells have kept."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import typer

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.options import FORMAT, OutputFormat
from tokenward.cli.support.person import refuse_assistants, require_yes
from tokenward.cli.support.provider_subject import require_consent, revoke
from tokenward.cli.support.terminal import note, print_text, say, sentence
from tokenward.errors import TokenwardError
from tokenward.model import Fingerprint, Reference
from tokenward.operations.access.put import put_found
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.context import Context
from tokenward.operations.transcripts.redact import Redaction
from tokenward.operations.transcripts.search import search_transcripts, seen_tokens
from tokenward.phrases import counted
from tokenward.places import by_home, shown
from tokenward.presentation import provider as words
from tokenward.presentation.agents.seen_tokens import data_of, lines_of

FOUND = 1
"""Exit code if tokens are left in transcripts."""
_SECONDS = 20
_NEEDS_YES = "Nobody can be asked here; list the tokens first, then repeat the command with `--yes`."


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
    form: OutputFormat = FORMAT,
) -> None:
    """List the tokens in AI agents' transcripts and memories, and in files that editors and shells keep.

    Says for each token which agent has seen it, when, and how it got there. The options store the tokens, replace them
    in place, and revoke them, in this order, each after a question. Files that a program has open are left alone.
    Exit codes: 0 no token is left, 1 tokens are left, 2 on a failure.
    """
    if store or redact or revoke:
        refuse_assistants()
    invocation = Invocation.here()
    with invocation.context() as context:
        run = _Run(context, invocation, agents_only=agents_only)
        found = run.found
        if form is OutputFormat.JSON:
            print_text(data_of(found, run.references()))
        else:
            for line in lines_of(found, run.references()):
                print_text(shown(line))
        for trouble in [*run.skipped, *found.troubles]:
            note(trouble)
        if store:
            run.store(yes=yes)
        left = run.redact(yes=yes) if redact else bool(found.tokens)
        if revoke:
            run.revoke(host, yes=yes)
    raise typer.Exit(FOUND if left else 0)


def say_old_tokens(invocation: Invocation) -> None:
    """Say what to do about tokens that agents kept before they were protected; searches for some seconds at most."""
    ends, roots = time.monotonic() + _SECONDS, SearchRoots(Path.home(), None, os.environ)
    search = partial(search_transcripts, agents_only=True, is_wanted=lambda: time.monotonic() < ends)
    with invocation.context() as context:
        tokens = search(context, invocation.places, roots, invocation.folder).found.tokens
    if tokens:
        what = "which a resumed session sends again; `tokenward agents transcripts --redact` removes them"
        say(f"The transcripts of agents hold {counted(len(tokens), 'token')}, {what}.")


class _Run:
    """One run of the verb."""

    def __init__(self, context: Context, invocation: Invocation, *, agents_only: bool) -> None:
        home, folder = Path.home(), invocation.folder
        roots = SearchRoots(home, folder if folder != home else None, os.environ)
        self._search = search_transcripts(context, invocation.places, roots, folder, agents_only=agents_only)
        self._invocation, self._context = invocation, self._search.context
        self.found, self.skipped = self._search.found, self._search.skipped

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
        folder = self._invocation.folder
        for token in new:
            try:
                say(f"Stored {put_found(self._context, folder, token.secret, token.finding)}")
            except TokenwardError as error:
                note(f"{token.finding.label} was not stored: {error}")

    def redact(self, *, yes: bool) -> bool:
        """Replace the tokens in place, after a question; return whether any is left."""
        references = self.references()
        run = Redaction(
            self._context, self.found, references, self._search.named, self._invocation.places.writes
        )
        run.settle(self._search.files)
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
        for done in run.redact(self._search.files):
            left |= bool(done.left)
            if done.gone:
                say(f"{by_home(done.path)}: {counted(len(done.gone), 'token')} replaced")
            if done.left:
                say(f"{by_home(done.path)}: {counted(len(done.left), 'token')} left, because {done.reason}")
        return left

    def revoke(self, named: list[str], *, yes: bool) -> None:
        """Revoke the tokens that an agent has seen and that can be revoked, after one question about all."""
        seen = seen_tokens(self._search, self._invocation.places)
        for label in seen.unseen:
            say(f"{label} was seen by no AI agent, so it is not revoked.")
        if seen.by_hand:
            say(words.seen_by_hand(seen.by_hand))
        if not seen.questions:
            say(words.NOTHING_SEEN)
            return
        text = words.revoke_seen_question([one.token for one in seen.questions], seen.hosts)
        require_consent(seen.hosts, [text], named, yes=yes)
        for one in seen.questions:
            try:
                say(revoke(self._context, one)[1])
            except TokenwardError as error:
                say(words.not_revoked(one.token, sentence(error)))
