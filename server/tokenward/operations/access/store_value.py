"""The transaction that stores a value under a reference, for `put`, a paste, a move, a rename and a replacement.

Announce it in the ledger; make the entry, so that no value is stored where no list shows it; store the value, which the
vault reads back; confirm it. Each runs within a turn, so one that is open in a turn was cut off, and `settle_stores` or
`recover` completes it or takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import compress
from operator import not_

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
    stored, failure = store_all(context, [storing])
    if failure is not None:
        raise failure
    return stored[0]


def store_all(context: Context, storings: Sequence[Storing]) -> tuple[list[Stored], TokenwardError | None]:
    """Store values in order, within a turn, until one fails; return those that are stored, and why the next is not.

    Each is announced and recorded for itself, so that what a crash leaves of them is settled one by one, but together
    with the others. What is not stored is as before, except as for `store`.

    Raises:
        StateDamaged: none could be announced.
    """
    begun, made, failure = _announce(context, storings), list[Stored](), None
    is_first: list[bool] = []
    try:
        is_first = [one.is_entered and _is_free(context, of) for one, of in zip(begun, storings, strict=True)]
        _enter(context, compress(storings, is_first))
        for one, of in zip(begun, storings, strict=True):
            made.append(replace(one, is_new=context.vault.put(of.under, of.secret)))
    except TokenwardError as error:
        failure = error
    try:
        _enter(context, compress(storings[: len(made)], map(not_, is_first)))
        with context.ledger.together():
            for one, of in zip(made, storings, strict=False):
                of.record(one.number)
    except TokenwardError as error:
        failure = failure or error
        _take_back_all(context, made, error)
        return [], failure
    finally:
        if failure is not None:
            _take_back_all(context, _not_made(begun[len(made) :], failure), failure)
    return made, failure


def _announce(context: Context, storings: Sequence[Storing]) -> list[Stored]:
    known, records, entered = set[Reference](), list[NewRecord](), list[bool]()
    for one in storings:
        # Of two of the same reference, the first makes the entry.
        entered.append(one.under not in known and context.entries.get(one.under) is None)
        known.add(one.under)
        detail = {**one.announcement.detail, "entered": entered[-1]}
        records.append(replace(one.announcement, detail=detail))
    numbers = context.ledger.record_starts(records)
    return [
        Stored(number, one.announcement.event, one.under, is_entered)
        for number, one, is_entered in zip(numbers, storings, entered, strict=True)
    ]


def _enter(context: Context, storings: Iterable[Storing]) -> None:
    with context.ledger.together(), context.entries.together():
        for one in storings:
            one.enter()


def _not_made(begun: Sequence[Stored], why: TokenwardError) -> list[Stored]:
    """Return what is certain not to be stored; of a name that was free, a damaged copy of ours may be."""
    if isinstance(why, VaultTimeout):
        return [*begun[1:]]
    is_ours = isinstance(why, VaultForgetful)
    return [replace(one, is_new=is_ours and one is begun[0]) for one in begun]


def _take_back_all(context: Context, stored: Sequence[Stored], why: TokenwardError) -> None:
    # The last first, because the first of two with one reference made the entry.
    for one in reversed(stored):
        take_back(context, one, why)


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
