"""`tokenward agents`: guards between AI agents and tokens, and the transcripts that agents have kept."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache, partial
from pathlib import Path

import typer

from tokenward.cli.support.agent_hook import answer_hook
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.options import FORMAT, YES, OutputFormat
from tokenward.cli.support.person import refuse_assistants, require_yes
from tokenward.cli.support.provider_subject import require_consent, revoke
from tokenward.cli.support.terminal import note, print_text, say, sentence
from tokenward.custody.callers.callers import caller, is_terminal_open
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import TokenwardError
from tokenward.language import counted, listed
from tokenward.model import Fingerprint, Reference
from tokenward.operations.access.lease_terms import token_hosts_of
from tokenward.operations.access.put import put_found
from tokenward.operations.agents.part_matches import lift as lift_withheld
from tokenward.operations.agents.part_matches import withheld_agents
from tokenward.operations.agents_protection.check import check as check_hooks
from tokenward.operations.agents_protection.hook_command import this_program
from tokenward.operations.agents_protection.host_exports import EXPORTS
from tokenward.operations.agents_protection.instructions import exposed_instructions
from tokenward.operations.agents_protection.plan import FilePlan, FoundAgent, plan_protection
from tokenward.operations.agents_protection.protect import protect as change
from tokenward.operations.agents_protection.protect import take_back
from tokenward.operations.agents_protection.record import ProtectionRecord, changed_guards
from tokenward.operations.agents_protection.search_roots import SearchRoots
from tokenward.operations.agents_protection.survey import find_agents, survey
from tokenward.operations.context import Context
from tokenward.operations.files.disk_editor import DiskEditor
from tokenward.operations.transcripts.records import seen_by_agents
from tokenward.operations.transcripts.redact import Redaction
from tokenward.operations.transcripts.search import search_transcripts, seen_tokens
from tokenward.places import Places, by_home, shown
from tokenward.presentation import provider as words
from tokenward.presentation.agent_texts import data_of, diff_of, lines_of, withheld_words
from tokenward.presentation.approvals import STOP_TYPING, TYPES
from tokenward.presentation.seen_tokens import seen_data, seen_lines

FOUND = 1
"""Exit code if tokens are left in transcripts."""
_SECONDS = 20
_LIST_FIRST = "Nobody can be asked here; list the tokens first, then repeat the command with `--yes`."
FAILED = 1
"""Exit code if a hook lets the made-up token through, or is missing."""
_LOOK_FIRST = "Nobody can be asked here; look first with `--dry-run`, then repeat the command with `--yes`."
_NONE = "No AI agent was found here, neither on your PATH nor by its folders."


class Sandbox(StrEnum):
    """A sandbox whose settings can be printed."""

    NONO = "nono"
    OPENSHELL = "openshell"
    SBX = "sbx"


agents = typer.Typer(no_args_is_help=True, rich_markup_mode=None, help="Keep tokens from AI agents.")


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
            print_text(seen_data(found, run.references()))
        else:
            for line in seen_lines(found, run.references()):
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
            f"Store {counted(len(new), 'token')} for this workspace?", otherwise=_LIST_FIRST, given=yes
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
        require_yes(question, otherwise=_LIST_FIRST, given=yes)
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


@agents.command()
def protect(
    *,
    dry_run: bool = typer.Option(False, "--dry-run", help="Only print what would be changed."),
    yes: bool = YES,
) -> None:
    """Set up the AI agents in use, so that they ask Tokenward before a token reaches a model.

    Adds hooks, denied files and masking to their settings, in your home folder and, for ignore files, in this project.
    Everything else in the files stays. Checks the hooks at the end. `tokenward agents undo` takes everything back.
    """
    if not dry_run:
        refuse_assistants()
    invocation = Invocation.here()
    roots, program = SearchRoots.around(invocation.folder), this_program(invocation.folder)
    found = find_agents(roots)
    if not found:
        raise TokenwardError(_NONE)
    with ProtectionRecord.locked(invocation.places) as record:
        plans = [*plan_protection(roots, found, program, record)]
        _print_plans(plans)
        changing = [plan for plan in plans if plan.changes]
        if dry_run:
            return
        if changing:
            names = dict.fromkeys(name for plan in changing for name in plan.names)
            question = f"Change {counted(len(changing), 'file')} of {listed([*names])}?"
            require_yes(question, otherwise=_LOOK_FIRST, given=yes)
            editor = DiskEditor(follows_links=False, notes=invocation.places.writes)
            for plan in changing:
                change(plan, record, editor)
                say(f"{by_home(plan.path)}: done")
        else:
            say("Everything is set up already.")
    # A hook has no time to compile the rules.
    invocation.scanner().detector.load()
    failed = _report(invocation, roots, found, OutputFormat.HUMAN)
    say_old_tokens(invocation)
    if failed or any(plan.refusal or plan.problems for plan in plans):
        raise typer.Exit(FAILED)


@agents.command()
def status(form: OutputFormat = FORMAT) -> None:
    """Show how far each AI agent in use is kept from tokens, from its settings and its version.

    Enforced: what reaches the model passes a hook, and nothing goes on if the hook fails. Best effort: it passes a hook
    that can fail. Recorded: the hook cannot stop it. Absent: there is no hook. Also lists changed files.
    """
    invocation = Invocation.here()
    roots = SearchRoots.around(invocation.folder)
    changed = changed_guards(roots, ProtectionRecord.read(invocation.places))
    found = [*survey(roots, find_agents(roots), _program(), changed)]
    if form is OutputFormat.JSON:
        seen = seen_by_agents(Ledger(invocation.places.ledger))
        print_text(json.dumps([data_of(one, seen=seen) for one in found], indent=2))
        return
    for one in found:
        print_text("\n".join(map(shown, lines_of(one))))
    if not found:
        say(_NONE)
    for withheld in withheld_words(invocation.places):
        say(sentence(withheld))
    if found and is_terminal_open():
        say(sentence(f"In your terminal, {TYPES.replace(' in it', '')}. {STOP_TYPING}"))


@agents.command()
def check(form: OutputFormat = FORMAT) -> None:
    """Send a made-up token through the hooks of each AI agent in use, and report what came back.

    Also tries what each agent does without the program. Exit codes: 0 if every hook kept the token from the model, 1 if
    one did not or is missing, 2 on a failure.
    """
    invocation = Invocation.here()
    roots = SearchRoots.around(invocation.folder)
    found = find_agents(roots)
    if not found:
        raise TokenwardError(_NONE)
    if _report(invocation, roots, found, form):
        raise typer.Exit(FAILED)


@agents.command()
def undo(yes: bool = YES) -> None:
    """Remove what `protect` added to the settings of AI agents.

    Restores a file byte for byte if nobody has changed it since; from any other, removes only Tokenward's entries.
    """
    refuse_assistants()
    invocation = Invocation.here()
    editor = DiskEditor(follows_links=False, notes=invocation.places.writes)
    with ProtectionRecord.locked(invocation.places) as record:
        if not record.files:
            say("Nothing was added to the settings of AI agents.")
            return
        names = [by_home(Path(name)) for name in record.files]
        require_yes(f"Take Tokenward out of {listed(names)}?", otherwise=_LOOK_FIRST, given=yes)
        outcomes = [*take_back(record, editor)]
    for outcome in outcomes:
        say(f"{by_home(outcome.path)}: {sentence(outcome.reason) if outcome.reason else 'done'}")
    if any(outcome.reason for outcome in outcomes):
        raise TokenwardError("Not everything was taken back, for the reasons above.")


@agents.command()
def lift(yes: bool = YES) -> None:
    """Give AI agents the outputs again that are withheld from them, because they showed parts of a token.

    First look into `tokenward ledger show --agents`; an agent may have been searching for the token.
    """
    refuse_assistants()
    places = Places.of_user()
    names = withheld_agents(places)
    if not names:
        say("No output is withheld from AI agents.")
        return
    require_yes(f"Give {listed(names)} outputs again?", otherwise=_LOOK_FIRST, given=yes)
    lift_withheld(places, caller(os.getpid()).to_json())
    say("done")


@agents.command()
def export_hosts(
    sandbox: Sandbox = typer.Option(..., "--for", help="Whose settings to print."),
) -> None:
    """Print the hosts of this workspace's stored tokens as the settings of a sandbox that knows placeholders.

    Holds no value: start nono and OpenShell by `tokenward run`, whose variables they read; sbx asks for each. Leaves
    out what no header carries as it is.
    """
    invocation = Invocation.here()
    with invocation.context() as context:
        workspace = context.workspace_of(invocation.folder)
        references = [one.reference for one in context.entries.in_workspace(workspace)]
        for reference in references:
            context.bindings.check(reference, invocation.folder)
        tokens = {one.name: hosts for one, hosts in token_hosts_of(context, references).items() if hosts}
    if not tokens:
        raise TokenwardError("No token with a known host is stored here; see `tokenward list`.")
    print_text(EXPORTS[sandbox.value](tokens))


agents.command()(transcripts)


@agents.command(hidden=True)
def hook(dialect: str = typer.Argument(..., help="The agent, such as claude-code.")) -> None:
    """Answer an agent's hook: read what it is about to do from stdin, and print the decision.

    Agents start this command. Whatever fails, it denies.
    """
    answer_hook(dialect)


def _program() -> str:
    """Return the program whose hooks count, wherever it is: it is not installed now."""
    return this_program(Path.home())


def _print_plans(plans: Sequence[FilePlan]) -> None:
    for plan in plans:
        if plan.changes:
            print_text("\n".join(shown(line.expandtabs(4)) for line in diff_of(plan).split("\n")))
        for why in filter(None, (plan.refusal, *plan.problems)):
            say(f"{by_home(plan.path)}: {sentence(why)}")


def _report(
    invocation: Invocation, roots: SearchRoots, found: Sequence[FoundAgent], form: OutputFormat
) -> bool:
    """Check agents and print the results; return whether a hook failed."""
    program = _program()
    checked, unseen = [], dict[str, str]()
    for one in survey(roots, found, program):
        checked.append(check_hooks(one, program))
        if one.sends_instructions:
            unseen[one.found.agent.name] = one.found.agent.dialect
        if form is OutputFormat.HUMAN:
            print_text("\n".join(map(shown, lines_of(checked[-1]))))
    if form is OutputFormat.JSON:
        print_text(json.dumps([data_of(one, seen={}) for one in checked], indent=2))
    for path, label in exposed_instructions(roots, {*unseen.values()}, cache(invocation.scanner)):
        say(
            f"{by_home(path)} holds {label}; {listed([*unseen])} may read it at the start, which no hook sees."
        )
    return any(surface.failed for one in checked for surface in one.surfaces)
