"""The transaction that stores a value under a reference, for `put`, a paste, a move, a rename and a replacement.

Announce it in the ledger; make the entry, so that no value is stored where no list shows it; store the value, which the
vault reads back; confirm it. Each runs within a turn, so one that is open in a turn was cut off, and `settle_stores` or
`recover` completes it or takes it back.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.errors import TokenwardError, VaultError, VaultForgetful, VaultTimeout
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret
from tokenward.operations.context import Context
from tokenward.operations.recording import may_stay_unrecorded


@dataclass(frozen=True, slots=True)
class Storing:
    """A value to store.

    Attributes:
        announcement: the record that announces it in the ledger.
        under: the reference that is to have it.
        enter: makes the entry; if there is one or another value, only once the vault accepted this value.
        record: records in the ledger that the value is stored, by the id of the announcement.
    """

    announcement: NewRecord
    under: Reference
    secret: Secret
    enter: Callable[[], object]
    record: Callable[[int], object]


@dataclass(frozen=True, slots=True)
class Stored:
    """A value that was stored and read back.

    Attributes:
        number: the id of its announcement in the ledger.
        announced: the event of the announcement.
        under: the reference that has it.
        is_entered: the reference had no entry before.
        is_new: the vault did not hold the value before.
    """

    number: int
    announced: Event
    under: Reference
    is_entered: bool
    is_new: bool = False


def store(context: Context, storing: Storing) -> Stored:
    """Store a value, within a turn.

    Raises:
        VaultTimeout: it may have been stored nevertheless, so the announcement stays open.
        TokenwardError: everything is as before.
    """
    is_entered = context.entries.get(storing.under) is None
    announced = storing.announcement
    announced = replace(announced, detail={**announced.detail, "entered": is_entered})
    stored = Stored(context.ledger.record_start(announced), announced.event, storing.under, is_entered)
    try:
        is_first = is_entered and _is_free(context, storing)
        if is_first:
            storing.enter()
        stored = replace(stored, is_new=context.vault.put(storing.under, storing.secret))
        if not is_first:
            storing.enter()
        storing.record(stored.number)
    except VaultTimeout:
        raise
    except TokenwardError as error:
        # Its name was free, so what the vault does not return whole is a damaged copy of ours.
        take_back(context, replace(stored, is_new=stored.is_new or isinstance(error, VaultForgetful)), error)
        raise
    return stored


def _is_free(context: Context, storing: Storing) -> bool:
    """Return whether an entry leads to no value but this one; an editor does not say."""
    # Without it, who has some value could make an entry for another, which no record knows, and be killed.
    return context.value_source is None and context.vault.get(storing.under) in (None, storing.secret)


def take_back(context: Context, stored: Stored, why: TokenwardError) -> None:
    """Delete what `store` stored, in the same turn; if that fails, the announcement stays open."""
    unrecorded = may_stay_unrecorded(context, f"until the next start that {stored.under} was not stored")
    with unrecorded, suppress(VaultError):
        if stored.is_new:
            context.vault.delete(stored.under)
        if stored.is_entered:
            forget_token(context, stored.under)
        context.ledger.undo_store(stored.number, stored.announced, type(why).__name__)


def delete_token(context: Context, reference: Reference) -> None:
    """Delete a value from the keyring, and then its entry and its lease.

    Raises:
        VaultError: the keyring did not delete it; the entry and the lease stay.
    """
    context.vault.delete(reference)
    forget_token(context, reference)


def forget_token(context: Context, reference: Reference) -> None:
    """Delete a token's entry and its lease; the keyring is not touched."""
    context.entries.remove(reference)
    context.leases.forget(reference)
