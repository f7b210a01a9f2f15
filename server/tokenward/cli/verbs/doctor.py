"""`tokenward doctor`: the parts in use, whether they work, and how to fix them."""

from __future__ import annotations

import platform
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass

import typer

from tokenward import __version__
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.person import is_person, require_person, says_yes
from tokenward.cli.support.terminal import print_text, sentence
from tokenward.errors import PersonNeeded, TokenwardError, VaultError
from tokenward.language import span
from tokenward.model import Reference, Secret
from tokenward.places import shown
from tokenward.presentation.reports.spelling import without_commands
from tokenward.settings import WORKSPACE_FILE

UNWELL = 1
"""Exit code if something needs fixing."""
SHOWN_AT_MOST = 50
"""The most ignored or skipped places that are listed."""
UNLOCK = "Log in again, or unlock it in your desktop's password manager. Until then, no token can be stored or used."
_NEEDS_PERSON = "Only a person can decide about stored tokens; run this in a terminal."
_FIXES = "Run `tokenward doctor --fix`, which asks what to do with it."
PATIENCE = 10.0
"""Seconds after which no more files are scanned."""


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check; `remedy` is empty if all is well."""

    what: str
    state: str
    remedy: str = ""


def doctor(
    test_entry: bool = typer.Option(
        False,
        "--test-entry",
        help="Also write, read back and delete a test entry; the keyring may prompt you.",
    ),
    fix: bool = typer.Option(
        False, "--fix", help="Ask about each token that the keyring has and no record, or the reverse."
    ),
) -> None:
    """Check the setup and explain how to fix what does not work.

    Exit codes: 0 all is well, 1 something needs fixing.
    """
    if fix:
        require_person(_NEEDS_PERSON)
    invocation = Invocation.despite_damage()
    if fix:
        _fix(invocation)
    # A list, so that every check runs.
    unwell = [_show(what, run_check, invocation) for what, run_check in _CHECKS.items()]
    if test_entry or _wants_test_entry():
        unwell.append(_show("test entry", _test_entry, invocation))
    raise typer.Exit(UNWELL if any(unwell) else 0)


def _wants_test_entry() -> bool:
    # Without an answer, the results of the other checks still count.
    with suppress(PersonNeeded):
        return is_person() and says_yes("Write and delete a test entry in the keyring?", otherwise="")
    return False


def _show(what: str, run_check: Callable[[Invocation], Iterator[Check]], invocation: Invocation) -> bool:
    """Run a check, print its results, and return whether something needs fixing."""
    unwell = False
    try:
        for check in run_check(invocation):
            _print(check)
            unwell |= bool(check.remedy)
    except TokenwardError as error:
        _print(Check(what, "failed", str(error)))
        return True
    except Exception as error:  # noqa: BLE001 - a check that fails must not hide the others
        _print(Check(what, f"failed with {type(error).__name__}", "Please report this."))
        return True
    return unwell


def _print(check: Check) -> None:
    encoding = sys.stdout.encoding if sys.stdout else ""
    well, unwell, arrow = "✓✗→" if encoding.lower().replace("-", "") == "utf8" else "+!>"
    lines = [f"{unwell if check.remedy else well} {check.what}: {check.state}"]
    if check.remedy:
        lines.append(f"  {arrow} {sentence(check.remedy)}")
    print_text("\n".join(without_commands(shown(line)) for line in lines))


def _program(_: Invocation) -> Iterator[Check]:
    state = f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check("tokenward", state)


def _settings(invocation: Invocation) -> Iterator[Check]:
    for path in (invocation.places.settings_file, invocation.folder / WORKSPACE_FILE):
        yield Check("settings", f"{path} ({'read' if path.is_file() else 'does not exist, which is fine'})")
    for problem in invocation.problems:
        yield Check("settings", problem.path, problem.sentence)


def _rules(invocation: Invocation) -> Iterator[Check]:
    from tokenward.detection.engine import Detector

    scanners = Detector(invocation.places.rules_cache).load()
    rules = scanners.catalog.in_use.rules
    ours = sum(len(scanner.rules) for scanner in scanners.all) - len(rules)
    remedy = ""
    if rules.cache_status == "bypassed":
        remedy = f"Each start compiles the rules again; make {invocation.places.rules_cache} writable for you only."
    state = f"{len(rules)} from the engine, {ours} from Tokenward, cache {rules.cache_status}"
    yield Check("rules", state, remedy)


def _is_kept_by_editor(invocation: Invocation) -> bool:
    from tokenward.operations.vault_choice import vault_config

    return vault_config(invocation.places, invocation.settings).kind == "editor"


def _keyring(invocation: Invocation) -> Iterator[Check]:
    from tokenward.operations.vault_choice import vault_config
    from tokenward.vault.worker import describe

    if _is_kept_by_editor(invocation):
        client = invocation.editor_vault_client()
        yield Check("keyring", f"{client.description}, used instead of the OS keyring", client.why_not())
        return
    report = describe(vault_config(invocation.places, invocation.settings))
    locked = {True: ", locked", False: ", unlocked", None: ""}[report.locked]
    fallback = ", used instead of the OS keyring" if report.fallback else ""
    state = f"{report.description or 'none'} ({report.backend or 'no backend'}{locked}{fallback})"
    # An encrypted file asks for its passphrase when it is used.
    is_shut = report.locked and not report.fallback
    yield Check("keyring", state, report.problem or (UNLOCK if is_shut else ""))


def _daemons(_: Invocation) -> Iterator[Check]:
    from tokenward.custody.callers.processes import running
    from tokenward.thin_client import DAEMON, HOOKS_DAEMON, sessions

    kinds = (
        {DAEMON: "commands and agents' hooks", HOOKS_DAEMON: "agents' hooks"}
        if sys.platform == "linux"
        else {}
    )
    for words, what in kinds.items():
        for one in running(words):
            where = "" if one.session in sessions() else ", for another terminal"
            state = f"process {one.pid} has answered {what} for {span(one.age)}, in {one.memory / 1e6:.0f} MB{where}"
            yield Check("daemon", state)


def _terminal(invocation: Invocation) -> Iterator[Check]:
    from tokenward.custody.callers.callers import is_terminal_open
    from tokenward.operations.agents_protection.search_roots import SearchRoots
    from tokenward.operations.agents_protection.survey import find_agents
    from tokenward.presentation.approvals import STOP_TYPING, TYPES

    if is_terminal_open() and find_agents(SearchRoots.around(invocation.folder)):
        yield Check("terminal", TYPES, STOP_TYPING)


def _workspace(invocation: Invocation) -> Iterator[Check]:
    from tokenward.cli.run.environment import environment_files, shared_notice
    from tokenward.custody.bindings.bindings import Bindings, why_no_main

    name = Bindings(invocation.places.custody).name_of(invocation.folder)
    state = f"keyring://{name}/…" if name else "without a name; the first move or put gives it one"
    yield Check("workspace", f"{invocation.folder} is {state}")
    if shared := shared_notice(environment_files(invocation, [], [], {})) or why_no_main(invocation.folder):
        yield Check("environment file", shared)


def _moves(invocation: Invocation) -> Iterator[Check]:
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.recovery import recover

    with invocation.context() as context:
        settled = list(recover(context, DiskEditor()))
    yield from (Check("interrupted move", "found", outcome) for outcome in settled)
    if not settled:
        yield Check("moves", "none interrupted")


def _fix(invocation: Invocation) -> None:
    """Ask about each difference between the keyring and the records, and settle it."""
    from tokenward.operations.stored import reconcile

    with invocation.context() as context:
        found = reconcile.differences(context) or reconcile.Differences((), ())
        for reference in found.unrecorded:
            if says_yes(f"{reference} is in the keyring only. Record it again?", otherwise=_NEEDS_PERSON):
                reconcile.adopt(context, reference)
            elif says_yes(f"Delete the value of {reference}, permanently?", otherwise=_NEEDS_PERSON):
                reconcile.delete_unrecorded(context, reference)
        for reference in found.empty:
            if says_yes(f"{reference} is not in the keyring. Remove its record?", otherwise=_NEEDS_PERSON):
                reconcile.drop_empty(context, reference)


def _stored(invocation: Invocation) -> Iterator[Check]:
    from tokenward.operations.stored.reconcile import differences

    with invocation.context() as context:
        try:
            found, why = differences(context), "the keyring cannot list what it has"
        except VaultError as error:
            found, why = None, str(error)
    if found is None:
        yield Check("stored tokens", f"not compared with the records: {why}")
        return
    states = [(one, "is in the keyring, and no record of yours has it") for one in found.unrecorded]
    states += [(one, "is on record, and the keyring does not have it") for one in found.empty]
    yield from _cut([Check("stored token", f"{one} {state}", _FIXES) for one, state in states])
    if not states:
        yield Check("stored tokens", "match the records")


def _leases(invocation: Invocation) -> Iterator[Check]:
    with invocation.context() as context:
        is_behind = context.leases.moment().is_behind
    if is_behind:
        remedy = "If the clock is right now, let a person renew one of the leases: `tokenward lease NAME --for 8h`."
        yield Check("clock", "earlier than before, so leases with an end time are refused", remedy)


def _records(invocation: Invocation) -> Iterator[Check]:
    from tokenward.operations.move.older_records import find_older_records

    found = [Check("records", state, remedy) for state, remedy in find_older_records(invocation.places)]
    yield from _cut(found)
    if not found:
        yield Check("records", "match the ledger")


def _ignored(invocation: Invocation) -> Iterator[Check]:
    from tokenward.cli.verbs.ignore import reviewed
    from tokenward.presentation.ignores import FORBIDDEN, place, total

    deadline = time.monotonic() + PATIENCE
    with invocation.context() as context:
        review = reviewed(context, invocation, lambda: time.monotonic() > deadline)
    yield Check("ignored", total(review) if review.is_in_effect else f"{total(review)} {FORBIDDEN}")
    yield from _cut([Check("ignored", place(one)) for one in review.silenced])
    yield from _cut([Check("not scanned", sentence) for sentence in review.left_out])
    for problem in review.problems:
        yield Check("ignoring", f"{problem.path}:{problem.line + 1} has no effect", problem.sentence)


def _cut(checks: list[Check]) -> Iterator[Check]:
    yield from checks[:SHOWN_AT_MOST]
    rest = len(checks) - SHOWN_AT_MOST
    if rest > 0:
        remedy = checks[0].remedy
        hint = "" if remedy else "; `tokenward ignore list` shows them"
        yield Check(checks[0].what, f"{rest:,} more{hint}", remedy)


def _test_entry(invocation: Invocation) -> Iterator[Check]:
    if _is_kept_by_editor(invocation):
        yield Check("test entry", "skipped, because only the editor can store one")
        return
    reference = Reference("tokenward-doctor", f"TEST_{secrets.token_hex(4).upper()}")
    with invocation.context() as context:
        try:
            context.vault.put(reference, Secret(secrets.token_urlsafe(24)))
        finally:
            context.vault.delete(reference)
    yield Check("test entry", "written, read back and deleted")


_CHECKS = {
    "tokenward": _program,
    "settings": _settings,
    "rules": _rules,
    "keyring": _keyring,
    "daemon": _daemons,
    "terminal": _terminal,
    "workspace": _workspace,
    "moves": _moves,
    "stored tokens": _stored,
    "leases": _leases,
    "records": _records,
    "ignored": _ignored,
}
