"""Telling the ledger of what is done already, and must not fail for want of a record."""

from __future__ import annotations

from tokenward.custody.ledger.ledger import Happening
from tokenward.errors import StateDamaged
from tokenward.operations.context import Context


def note(context: Context, what: str, *happenings: Happening) -> None:
    """Record what was done; where the ledger cannot be written that is said, as `what` it does not tell of."""
    try:
        context.ledger.record_all(happenings)
    except StateDamaged as error:
        unrecorded(context, what, error)


def unrecorded(context: Context, what: str, error: StateDamaged) -> None:
    """Say what the ledger does not tell of, and why."""
    context.warn(f"The ledger does not tell of {what}: {error}")
