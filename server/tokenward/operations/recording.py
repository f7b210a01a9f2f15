"""Telling the ledger of what is done already, and must not fail for want of a record."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from tokenward.custody.ledger.events import JSON, Event, NewRecord
from tokenward.errors import CustodyError, StateDamaged, VaultError
from tokenward.model import Reference
from tokenward.operations.command_words import command_words
from tokenward.operations.context import Context
from tokenward.operations.token_names import require_known
from tokenward.operations.use import Use


def note(context: Context, what: str, *happenings: NewRecord) -> None:
    """Record what was done; where the ledger cannot be written that is said, as `what` it does not tell of."""
    try:
        context.ledger.record_all(happenings)
    except StateDamaged as error:
        unrecorded(context, what, error)


def unrecorded(context: Context, what: str, error: StateDamaged) -> None:
    """Say what the ledger does not tell of, and why."""
    context.warn(f"The ledger does not tell of {what}: {error}")


def record_uses(
    context: Context, event: Event, folder: Path, references: Collection[Reference], use: Use, **detail: JSON
) -> None:
    """Tell the ledger of uses that were allowed or refused; a ledger that cannot be written is said, and no more."""
    details: dict[str, JSON] = {"purpose": use.purpose.value, **use.caller.to_json(), **detail}
    if use.program is not None:
        details["program"] = str(use.program)
    if use.command:
        details["command"] = command_words(use.command)
    uses = [NewRecord(event, reference, None, str(folder), None, details) for reference in references]
    # All in one, or a ledger that another program holds would make each of many wait.
    note(context, ", ".join(map(str, references)), *uses)


@contextmanager
def refusals(context: Context, folder: Path, references: Collection[Reference], use: Use) -> Iterator[None]:
    """Tell the ledger of each failure in the block, by which values are not given.

    Raises:
        CustodyError: a name is a token, of which the ledger is not told.
    """
    require_known(context.entries, references)
    try:
        yield
    except (CustodyError, VaultError) as error:
        record_uses(context, Event.REFUSED, folder, references, use, why=type(error).__name__)
        raise
