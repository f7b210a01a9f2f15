"""Settles renames that a crash interrupted."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.custody.bindings.renames import end_rename, open_renames, undo_rename
from tokenward.custody.ledger.events import Event, NewRecord, Record
from tokenward.errors import VaultError
from tokenward.model import Reference
from tokenward.operations.access.delete_token import forget_token
from tokenward.operations.context import Context
from tokenward.operations.recording import note
from tokenward.operations.stored.rename import take_over


def recover_renames(context: Context) -> Iterator[str]:
    """Settle every rename whose process died, and yield a sentence about each.

    Nothing is deleted from the vault. A rename stays open while the keyring is unavailable.
    """
    for record, reference, to in open_renames(context.ledger):
        opening = f"A rename of {reference} to {to.name} was interrupted;"
        try:
            yield f"{opening} {_settle(context, record, reference, to)}"
        except VaultError:
            yield f"{opening} the keyring is unavailable now, so run `tokenward doctor` when it works again."


def _settle(context: Context, record: Record, reference: Reference, to: Reference) -> str:
    with context.turn():
        entry, other = context.entries.get(reference), context.entries.get(to)
        if entry is None and other is not None:
            end_rename(context.ledger, record.id, to.name)
            return f"the token is called {to.name} now, so nothing is left to do."
        if other is None:
            undo_rename(context.ledger, record.id, "recovered")
            return f"the token is still called {reference.name}." if entry else "neither is stored now."
        return _settle_two_names(context, record, reference, to)


def _settle_two_names(context: Context, record: Record, reference: Reference, to: Reference) -> str:
    """Settle a rename with both names on record; the values in the vault decide."""
    value, new = context.vault.get(reference), context.vault.get(to)
    if new is not None and value is None:
        take_over(context, reference, to)
        end_rename(context.ledger, record.id, to.name)
        return f"the token is called {to.name} now, so nothing is left to do."
    undo_rename(context.ledger, record.id, "recovered")
    if new is not None and new == value:
        command = f"tokenward rename {reference.name} {to.name}"
        return f"it has both names, so complete it with `{command}` in its workspace."
    if record.detail.get("again") is not True:
        # The vault may have another, unrecorded value there.
        forget_token(context, to)
        note(context, f"the removal of {to}", NewRecord(Event.REMOVED, to))
    return f"the token is still called {reference.name}."
