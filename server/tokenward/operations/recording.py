"""Records completed operations, which must not fail because the ledger does."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.callers.callers import Caller
from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record
from tokenward.custody.ledger.ledger import Ledger
from tokenward.errors import CustodyError, PersonNeeded, StateDamaged, TokenwardError, VaultError
from tokenward.model import Reference
from tokenward.operations.command_words import command_words
from tokenward.operations.context import Context
from tokenward.operations.token_names import require_known
from tokenward.operations.use import Use
from tokenward.places import Places


def note(context: Context, what: str, *happenings: NewRecord) -> None:
    """Record events; warn that the ledger does not record `what` if it cannot be written."""
    with may_stay_unrecorded(context, what):
        context.ledger.record_all(happenings)


@contextmanager
def may_stay_unrecorded(context: Context, what: str) -> Iterator[None]:
    """Warn that the ledger does not record `what` if it cannot be written within a block."""
    try:
        yield
    except StateDamaged as error:
        context.warn(f"The ledger does not record {what}: {error}")


def record_uses(
    context: Context, event: Event, folder: Path, references: Collection[Reference], use: Use, **detail: JSON
) -> None:
    """Record uses that were allowed or refused; warn if the ledger cannot be written."""
    # In one transaction, so that they wait only once for a ledger that another program has locked.
    note(context, ", ".join(map(str, references)), *_uses(event, folder, references, use, detail))


def require_record(context: Context, folder: Path, references: Collection[Reference], use: Use) -> None:
    """Record uses that may only be allowed with a record.

    Raises:
        StateDamaged: they cannot be recorded.
    """
    try:
        context.ledger.record_all(_uses(Event.RESOLVED, folder, references, use, {}))
    except StateDamaged as error:
        raise StateDamaged(
            "No token is given, because its use cannot be recorded, and the setting `ledger-required` wants that: "
            "{error}",
            error=error,
        ) from None


def _uses(
    event: Event, folder: Path, references: Collection[Reference], use: Use, detail: Mapping[str, JSON]
) -> list[NewRecord]:
    details: dict[str, JSON] = {"purpose": use.purpose.value, **use.caller.to_json(), **detail}
    if use.program is not None:
        details["program"] = str(use.program)
    if use.command:
        details["command"] = command_words(use.command)
    if use.reason:
        details["reason"] = use.reason
    return [NewRecord(event, reference, None, str(folder), None, details) for reference in references]


def record_gate(places: Places, asker: Caller, words: Sequence[str], folder: Path) -> None:
    """Record that a possible agent was refused a command that only a person may give, by the stored tokens it names.

    It is refused without a record, too.
    """
    command, why = command_words(words), PersonNeeded.__name__
    detail = {"purpose": "".join(command.split()[1:2]), **asker.to_json(), "command": command, "why": why}
    root, named = folder, list[Reference | None]()
    with suppress(TokenwardError, OSError):
        bindings = Bindings(places.custody)
        root = bindings.workspace_root(folder)
        workspace = bindings.name_of(root)
        stored = [one.reference for one in Entries(places.custody).all()]
        named += [
            one for one in stored if str(one) in words or (one.name in words and one.workspace == workspace)
        ]
    with suppress(StateDamaged):
        Ledger(places.ledger).record_all(
            NewRecord(Event.REFUSED, one, None, str(root), None, detail) for one in named or [None]
        )


def is_gate(record: Record) -> bool:
    """Return whether an agent was refused what only a person may do, and named no stored token."""
    return record.reference is None and record.detail.get("why") == PersonNeeded.__name__


@contextmanager
def refusals(context: Context, folder: Path, references: Collection[Reference], use: Use) -> Iterator[None]:
    """Record the failure of a block as a refusal of values.

    Raises:
        CustodyError: a name is a token, which must not be recorded.
    """
    require_known(context.entries, references)
    try:
        yield
    except (CustodyError, VaultError) as error:
        record_uses(context, Event.REFUSED, folder, references, use, why=type(error).__name__)
        raise
