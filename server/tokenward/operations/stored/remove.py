"""Deletes a single token from the keyring and the records."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import CustodyError
from tokenward.model import Reference
from tokenward.operations.access.store_value import delete_token, settle_in_turn
from tokenward.operations.context import Context
from tokenward.operations.recording import note, refusals
from tokenward.operations.use import Purpose, Use


def remove(context: Context, folder: Path, reference: Reference) -> bool:
    """Delete an entry from the keyring and the records; return False if it did not exist.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not touch it.
        CustodyError: a move or a renaming needs it.
    """
    with refusals(context, folder, [reference], Use.own(Purpose.REMOVE, editor=context.editor)):
        context.bindings.check(reference, folder)
    # In one turn, so that no move that begins now finds the value and loses it.
    with context.turn():
        settle_in_turn(context, reference)
        if context.entries.get(reference) is None:
            return False
        if context.ledger.is_unfinished(reference):
            raise not_complete(reference)
        delete_token(context, reference)
    note(context, f"the removal of {reference}", NewRecord(Event.REMOVED, reference, origin=str(folder)))
    return True


def not_complete(reference: Reference) -> CustodyError:
    """Return the error for a value that an unfinished move or rename may still write into a file."""
    return CustodyError(
        "A move of {reference} is not complete; try again, or run `tokenward doctor` if it was cut off.",
        reference=reference,
    )
