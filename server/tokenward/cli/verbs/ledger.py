"""`tokenward ledger`: show, verify, export and prune the record of what happened to tokens."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import typer

from tokenward.cli.support.options import FORMS, moment_of
from tokenward.cli.support.own_records import own_records
from tokenward.cli.support.person import refuse_assistants
from tokenward.cli.support.terminal import note, print_text, say
from tokenward.custody.chain.chain import NO_EVENT
from tokenward.custody.ledger.events import ChainedRow, Event, Record, RecordQuery
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import StateDamaged, TokenwardError
from tokenward.language import counted
from tokenward.model import TOKEN_NAME, reference_of
from tokenward.operations.move.older_records import find_older_records
from tokenward.places import Places, shown
from tokenward.safe_files import write_private
from tokenward.settings import load_settings

FAULTY = 1
"""Exit code of `verify` if the ledger was changed or damaged."""
_MOST_NAMED = 10
_SINCE = f"Only events since then: {FORMS}."
_DETAILS = ("provider", "label", "purpose", "program", "command", "agent", "why", "outcome", "by")
"""The most telling parts of an event's detail, in this order."""
_LONGEST_DETAIL = 120
_PORTION = 1_000


ledger = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="Show, verify, export or prune the record of events.\n\nThe ledger contains no token values.",
)


@ledger.command()
def show(
    name: str = typer.Option(None, "--name", help="Only events of this token, given by name or reference."),
    event: str = typer.Option(None, "--event", help="Only this kind of event, such as resolved or refused."),
    since: str = typer.Option(None, "--since", metavar="TIME", help=_SINCE),
    agents: bool = typer.Option(
        False, "--agents", help="Only what AI agents, or programs that may hide one, asked for."
    ),
    count: int = typer.Option(50, "-n", min=1, help="Show only the newest N events."),
) -> None:
    """Print events, one per line, the newest last; times are in UTC."""
    reference = reference_of(name or "")
    if name is not None and reference is None and not TOKEN_NAME.fullmatch(name):
        raise TokenwardError("Not a token name; copy one from `tokenward list`.")
    events = [one.value for one in Event]
    if event is not None and event not in events:
        raise TokenwardError(f"No such event; choose one of {', '.join(events)}.")
    workspace = reference.workspace if reference else None
    own = own_records(Places.of_user())
    most = count if own.is_all else -1
    wanted = RecordQuery(
        event, workspace, reference.name if reference else name, moment_of(since), most, agents
    )
    records = [*filter(own.has_record, _ledger().matching(wanted))][-count:]
    if not records:
        say("No such events are in the ledger.")
        return
    print_text("\n".join(map(_line, records)))


@ledger.command()
def verify() -> None:
    """Check that no row of the ledger was changed or is missing, and that the records match it.

    Exit codes: 0 all is as written, 1 something was changed or the file is damaged.
    """
    records = _ledger()
    try:
        verdict = records.verify()
    except StateDamaged as error:
        note(error)
        raise typer.Exit(FAULTY) from None
    for fault in verdict.faults[:_MOST_NAMED]:
        note(fault.sentence)
    if len(verdict.faults) > _MOST_NAMED:
        note("There are more faults; `tokenward ledger export` prints every row that is left.")
    if verdict.faults:
        note(
            "Compare the ledger with an earlier export. If you moved it away or restored a backup yourself,"
            f" remove {shown(records.end_file)}."
        )
        raise typer.Exit(FAULTY)
    emptied = f", {verdict.emptied:,} of them emptied by the retention setting" if verdict.emptied else ""
    print_text(f"The ledger is intact: {verdict.rows:,} rows{emptied}.")
    if verdict.rows and not verdict.has_end:
        say("The last known end of the ledger is missing, so removed rows at its end would go unnoticed.")
    # The records have no hash chain of their own, so they are compared with the ledger.
    found = list(find_older_records(Places.of_user()))
    for state, remedy in found[:_MOST_NAMED]:
        note(f"{state}. {remedy}")
    if found:
        raise typer.Exit(FAULTY)


@ledger.command()
def export(
    since: str = typer.Option(None, "--since", metavar="TIME", help=_SINCE),
    output: Path = typer.Option(None, "-o", metavar="FILE", help="Write to a file that only you can read."),
) -> None:
    """Print the ledger as NDJSON, one event per line, with the hashes that chain them."""
    own = own_records(Places.of_user())
    rows = _ledger().chained(moment_of(since))
    lines = (_exported_line(one) for one in rows if own.has(one.row.workspace, one.row.origin))
    if output is not None:
        say(f"Wrote {_write(lines, output):,} events to {shown(output)}.")
        return
    while portion := list(islice(lines, _PORTION)):
        print_text("\n".join(portion))


@ledger.command()
def prune() -> None:
    """Empty events that are older than `ledger-retention-days` and no longer needed; their hashes stay."""
    refuse_assistants()
    # Workspace settings do not apply here.
    settings, _ = load_settings(Places.of_user(), None)
    if not settings.ledger_retention_days:
        say("The ledger keeps everything; to change that, set `ledger-retention-days` in your settings.")
        return
    removed = _ledger().remove_older(settings.ledger_retention_days)
    say(f"Emptied {counted(removed, 'old record')}.")


def _ledger() -> Ledger:
    return Ledger(Places.of_user().ledger)


def _line(record: Record) -> str:
    """Return an event as a line: when, what, which token, where, and details."""
    token = f"token {record.fingerprint[:8]}" if record.fingerprint else "-"
    if record.reference is not None:
        token = str(record.reference)
    cells = [f"{record.time:%Y-%m-%d %H:%M:%S}  {record.event.value:<18}  {token}"]
    if record.origin:
        number = record.detail.get("line")
        cells.append(shown(record.origin) + (f":{number}" if isinstance(number, int) else ""))
    for name in _DETAILS:
        value = record.detail.get(name)
        if isinstance(value, str) and value:
            cells.append(f"{name}={shown(value)[:_LONGEST_DETAIL]}")
    return "  ".join(cells)


def _write(lines: Iterable[str], path: Path) -> int:
    """Write a file that only its user can read; return the number of lines."""
    number = 0

    def content() -> Iterator[bytes]:
        nonlocal number
        for number, line in enumerate(lines, 1):  # noqa: B007 - the last one counts
            yield f"{line}\n".encode()

    write_private(path, content())
    return number


def _exported_line(chained: ChainedRow) -> str:
    row = chained.row
    chain = {"hash": chained.hash, "previous": chained.previous}
    if row.event == NO_EVENT:
        content: dict[str, object] = {"event": None, "digest": row.detail}
    else:
        detail: object = row.detail
        # Only a program other than Tokenward writes a detail that is not JSON.
        with contextlib.suppress(ValueError):
            detail = json.loads(row.detail)
        content = row._asdict() | {"detail": detail}
    document = {"id": chained.id, **content, **chain}
    return json.dumps(document, default=lambda value: value.hex() if isinstance(value, bytes) else None)
