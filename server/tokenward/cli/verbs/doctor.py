"""`tokenward doctor`: what is in use, whether it works, and how to mend what does not."""

from __future__ import annotations

import platform
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import typer

from tokenward import __version__
from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.person import is_person, says_yes
from tokenward.cli.support.terminal import print_text, sentence
from tokenward.errors import PersonNeeded, TokenwardError
from tokenward.model import Reference, Secret
from tokenward.places import shown
from tokenward.presentation.reports.spelling import without_commands
from tokenward.settings import WORKSPACE_FILE

UNWELL = 1
"""Exit code when something needs mending."""
SHOWN_AT_MOST = 50
"""Silenced places, and things left out, that are told one by one."""
UNLOCK = "Unlock it: log in again, or use your desktop's password manager. Until then no token can be stored or used."
PATIENCE = 10.0
"""Seconds after which no more files are looked at."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `remedy` is empty when it is well."""

    what: str
    state: str
    remedy: str = ""


def register(app: typer.Typer) -> None:
    app.command()(doctor)


def doctor(
    test_entry: bool = typer.Option(
        False, "--test-entry", help="Also write, read back and delete a test entry; the keyring may ask you."
    ),
) -> None:
    """Say what is in use, and how to mend what does not work.

    The exit code is 1 when something needs mending.
    """
    setting = Setting.to_examine()
    # In a list, so that every check is made.
    unwell = [_show(what, look, setting) for what, look in _LOOKS.items()]
    if test_entry or _wants_test_entry():
        unwell.append(_show("test entry", _test_entry, setting))
    raise typer.Exit(UNWELL if any(unwell) else 0)


def _wants_test_entry() -> bool:
    # Without an answer all other checks count all the same.
    with suppress(PersonNeeded):
        return is_person() and says_yes("Write and delete a test entry in the keyring?", otherwise="")
    return False


def _show(what: str, look: Callable[[Setting], Iterator[Check]], setting: Setting) -> bool:
    """Print what one look finds; True when something needs mending."""
    unwell = False
    try:
        for check in look(setting):
            _print(check)
            unwell |= bool(check.remedy)
    except TokenwardError as error:
        _print(Check(what, "failed", str(error)))
        return True
    except Exception as error:  # noqa: BLE001 - one look that fails must not hide the others
        _print(Check(what, f"failed with {type(error).__name__}", "Please report this."))
        return True
    return unwell


def _print(check: Check) -> None:
    well, unwell, arrow = "✓✗→" if _takes_marks() else "+!>"
    lines = [f"{unwell if check.remedy else well} {check.what}: {check.state}"]
    if check.remedy:
        lines.append(f"  {arrow} {sentence(check.remedy)}")
    print_text("\n".join(without_commands(shown(line)) for line in lines))


def _takes_marks() -> bool:
    encoding = sys.stdout.encoding if sys.stdout else ""
    return encoding.lower().replace("-", "") == "utf8"


def _program(_: Setting) -> Iterator[Check]:
    state = f"{__version__}, Python {platform.python_version()} on {platform.system()} {platform.machine()}"
    yield Check("tokenward", state)


def _settings(setting: Setting) -> Iterator[Check]:
    for path in (setting.places.settings_file, setting.folder / WORKSPACE_FILE):
        yield Check("settings", f"{path} ({'read' if path.is_file() else 'not there, which is fine'})")
    for problem in setting.problems:
        yield Check("settings", problem.path, problem.sentence)


def _rules(setting: Setting) -> Iterator[Check]:
    from tokenward.detection.engine import Detector

    scanners = Detector(setting.places.rules_cache).load()
    rules = scanners.catalog.rules
    ours = sum(len(scanner.rules) for scanner in scanners.all) - len(rules)
    remedy = ""
    if rules.cache_status == "bypassed":
        remedy = f"Every start compiles them anew; make {setting.places.rules_cache} writable for you alone."
    yield Check("rules", f"{len(rules)} of the engine, {ours} of our own, cache {rules.cache_status}", remedy)


def _is_kept_by_editor(setting: Setting) -> bool:
    from tokenward.operations.opening import vault_config

    return vault_config(setting.places, setting.settings).kind == "editor"


def _keyring(setting: Setting) -> Iterator[Check]:
    from tokenward.operations.opening import vault_config
    from tokenward.vault.worker import describe

    if _is_kept_by_editor(setting):
        kept = setting.kept_by_editor()
        yield Check("keyring", f"{kept.description}, chosen instead of the OS keyring", kept.why_not())
        return
    report = describe(vault_config(setting.places, setting.settings))
    locked = {True: ", locked", False: ", unlocked", None: ""}[report.locked]
    fallback = ", chosen instead of the OS keyring" if report.fallback else ""
    state = f"{report.description or 'none'} ({report.backend or 'no backend'}{locked}{fallback})"
    # An encrypted file asks for its passphrase when it is used.
    is_shut = report.locked and not report.fallback
    yield Check("keyring", state, report.problem or (UNLOCK if is_shut else ""))


def _workspace(setting: Setting) -> Iterator[Check]:
    from tokenward.custody.bindings.bindings import Bindings

    name = Bindings(setting.places.custody).name_of(setting.folder)
    state = f"keyring://{name}/…" if name else "no name yet; the first move or put gives it one"
    yield Check("workspace", f"{setting.folder} is {state}")


def _moves(setting: Setting) -> Iterator[Check]:
    from tokenward.operations.files.disk_editor import DiskEditor
    from tokenward.operations.recovery.moves import recover

    with setting.context() as context:
        settled = list(recover(context, DiskEditor()))
    yield from (Check("interrupted move", "found", told) for told in settled)
    if not settled:
        yield Check("moves", "none was interrupted")


def _leases(setting: Setting) -> Iterator[Check]:
    from tokenward.operations.access.erase_expired import sweep, tokens_to_erase

    failures: list[str] = []
    with setting.context() as context:
        clock, over = context.leases.moment(), tokens_to_erase(context)
        gone = sweep(replace(context, warn=failures.append)) if over else ()
    yield from (Check("lease", failure, "Fix the keyring first.") for failure in failures)
    for reference in gone:
        yield Check("lease", f"over, so {reference} was deleted from the keyring")
    for reference in sorted(set(over) - set(gone), key=str):
        yield Check("lease", f"over, and {reference} is deleted once it has been over for an hour")
    if clock.is_behind:
        remedy = (
            "If it is right now, let a person renew one of the leases by `tokenward lease NAME --for 8h`."
        )
        yield Check("clock", "behind what it said before, so that leases with an end do not hold", remedy)
    if not over:
        yield Check("leases", "no token is due to be deleted")


def _records(setting: Setting) -> Iterator[Check]:
    from tokenward.operations.move.older_records import put_back

    found = [Check("records", state, remedy) for state, remedy in put_back(setting.places)]
    yield from _cut(found)
    if not found:
        yield Check("records", "they match the ledger")


def _silenced(setting: Setting) -> Iterator[Check]:
    from tokenward.cli.ignore_output.listing import FORBIDDEN, place, total
    from tokenward.cli.verbs.ignore import reviewed

    deadline = time.monotonic() + PATIENCE
    with setting.context() as context:
        review = reviewed(context, setting, lambda: time.monotonic() > deadline)
    yield Check("silenced", total(review) if review.is_in_effect else f"{total(review)} {FORBIDDEN}")
    yield from _cut([Check("silenced", place(one)) for one in review.silenced])
    yield from _cut([Check("not scanned", sentence) for sentence in review.left_out])
    for problem in review.problems:
        yield Check("ignoring", f"{problem.path}:{problem.line + 1} has no effect", problem.sentence)


def _cut(checks: list[Check]) -> Iterator[Check]:
    yield from checks[:SHOWN_AT_MOST]
    rest = len(checks) - SHOWN_AT_MOST
    if rest > 0:
        yield Check(checks[0].what, f"{rest:,} more, which `tokenward ignore list` shows")


def _test_entry(setting: Setting) -> Iterator[Check]:
    if _is_kept_by_editor(setting):
        yield Check("test entry", "not made, since only the editor can be asked to keep one")
        return
    reference = Reference("tokenward-doctor", f"TEST_{secrets.token_hex(4).upper()}")
    with setting.context() as context:
        try:
            context.vault.put(reference, Secret(secrets.token_urlsafe(24)))
        finally:
            context.vault.delete(reference)
    yield Check("test entry", "written, read back and deleted")


_LOOKS = {
    "tokenward": _program,
    "settings": _settings,
    "rules": _rules,
    "keyring": _keyring,
    "workspace": _workspace,
    "moves": _moves,
    "leases": _leases,
    "records": _records,
    "silenced": _silenced,
}
