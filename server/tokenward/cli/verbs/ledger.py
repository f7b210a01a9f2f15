"""`tokenward ledger`: look at what happened, prove that it is all there, give it out, let go of what is old."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.dates import FORMS, moment_of
from tokenward.cli.support.terminal import print_text, say, sentence
from tokenward.errors import StateDamaged, TokenwardError
from tokenward.model import TOKEN_NAME, Reference, references_in
from tokenward.places import Places, shown

if TYPE_CHECKING:
    from tokenward.custody.ledger.ledger import Ledger

FAULTY = 1
"""Exit code of `verify` when the ledger is not as it was written."""
_MOST_NAMED = 10
_SINCE = f"From then on: {FORMS}."


def register(app: typer.Typer) -> None:
    verbs = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    verbs.command()(show)
    verbs.command()(verify)
    verbs.command()(export)
    verbs.command()(prune)
    verbs.callback()(_options)
    app.add_typer(verbs, name="ledger")


def _options() -> None:
    """Look at the record of what happened to tokens.

    It holds none. `tokenward ledger show` prints it.
    """


def show(
    name: str = typer.Option(None, "--name", help="Only of this token: its name, or its reference."),
    event: str = typer.Option(None, "--event", help="Only this event, such as resolved or refused."),
    since: str = typer.Option(None, "--since", metavar="TIME", help=_SINCE),
    count: int = typer.Option(50, "-n", min=1, help="So many at most, the newest."),
) -> None:
    """Print what happened, a line an event, the newest last; times are UTC."""
    from tokenward.cli.ledger_output.line import line
    from tokenward.custody.ledger.reading import RecordQuery

    reference = None if name is None else _reference(name)
    workspace = reference.workspace if reference else None
    known = _event(event) if event is not None else None
    wanted = RecordQuery(known, workspace, reference.name if reference else name, moment_of(since), count)
    records = _ledger().matching(wanted)
    if not records:
        say("Nothing of that is in the ledger.")
        return
    print_text("\n".join(map(line, records)))


def verify() -> None:
    """Look whether every row of the ledger is as it was written, none is missing, and the records agree with it.

    Exit codes: 0 all is as it was, 1 something was changed, or the file is damaged.
    """
    ledger = _ledger()
    try:
        verdict = ledger.verify()
    except StateDamaged as error:
        say(f"tokenward: {sentence(error)}")
        raise typer.Exit(FAULTY) from None
    for fault in verdict.faults[:_MOST_NAMED]:
        say(f"tokenward: {fault.sentence}.")
    if len(verdict.faults) > _MOST_NAMED:
        say("tokenward: There is more that is not as it was written; `ledger export` has all that is left.")
    if verdict.faults:
        say(
            "tokenward: Compare with an earlier export; where you have moved the ledger away or put back a backup"
            f" yourself, remove {shown(ledger.end_file)}."
        )
        raise typer.Exit(FAULTY)
    emptied = (
        f", {verdict.emptied:,} of them without their content by the retention" if verdict.emptied else ""
    )
    print_text(f"The ledger is whole: {verdict.rows:,} rows{emptied}.")
    if verdict.rows and not verdict.has_end:
        say("It is not known where it ended last, so rows that were cut off at its end would not show.")
    _verify_records()


def _verify_records() -> None:
    """Compare what the ledger has last with the records, which have no chain of their own."""
    from tokenward.operations.move.older_records import put_back

    found = list(put_back(Places.of_user()))
    for state, remedy in found[:_MOST_NAMED]:
        say(f"tokenward: {state}. {remedy}")
    if found:
        raise typer.Exit(FAULTY)


def export(
    since: str = typer.Option(None, "--since", metavar="TIME", help=_SINCE),
    output: Path = typer.Option(None, "-o", metavar="FILE", help="Write a file that only you may read."),
) -> None:
    """Print the ledger as NDJSON, an event a line, with the hashes that chain them."""
    from tokenward.cli.ledger_output.export import lines, write

    rows = lines(_ledger().chained(moment_of(since)))
    if output is not None:
        say(f"{write(rows, output):,} events were written to {shown(output)}.")
        return
    for portion in rows:
        print_text("\n".join(portion))


def prune() -> None:
    """Let go of what is older than `ledger-retention-days` and nothing depends on; the rows' hashes stay."""
    from tokenward.operations.retention import apply_retention
    from tokenward.phrases import counted
    from tokenward.settings import load_settings

    # A workspace has no say in this.
    settings, _ = load_settings(Places.of_user(), None)
    if not settings.ledger_retention_days:
        say("The ledger keeps everything; set `ledger-retention-days` in your settings to change that.")
        return
    removed = apply_retention(_ledger(), settings)
    say(f"The content of {counted(removed, 'old record')} was removed.")


def _ledger() -> Ledger:
    from tokenward.custody.ledger.ledger import Ledger

    return Ledger(Places.of_user().ledger)


def _reference(name: str) -> Reference | None:
    """The reference that a text is; None when it is a bare name."""
    whole = [reference for span, reference in references_in(name) if len(span) == len(name)]
    if not whole and not TOKEN_NAME.fullmatch(name):
        raise TokenwardError("No token has such a name; copy one from `tokenward list`.")
    return whole[0] if whole else None


def _event(text: str) -> str:
    from tokenward.custody.ledger.events import Event

    events = [event.value for event in Event]
    if text not in events:
        raise TokenwardError(f"There is no such event; choose one of {', '.join(events)}.")
    return text
