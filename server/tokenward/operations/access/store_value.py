"""The transaction that stores a value under a reference, for `put`, a paste, a move, a rename and a replacement.

Announce it in the ledger; make the entry, so that no value is stored where no list shows it; store the value, which the
vault reads back; confirm it. Each runs within a turn, so one that is open in a turn was cut off, and `settle_stores` or
`recover` completes it or takes it back.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import compress, takewhile, zip_longest
from operator import not_

from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record, finding_facts, text_of
from tokenward.errors import (
    StateDamaged,
    TokenwardError,
    VaultDamaged,
    VaultError,
    VaultForgetful,
    VaultTimeout,
)
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Finding, Fingerprint, Profile, Reference, Secret, Surface
from tokenward.operations.access.grant_lease import lease_stored, renew_own_end
from tokenward.operations.context import Context
from tokenward.operations.recording import may_stay_unrecorded
from tokenward.vault.vault import PutOutcome


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
        VaultError: if the vault did not answer, or its process ended, the value may have been stored, so the
            announcement stays open; otherwise everything is as before.
        TokenwardError: everything is as before.
    """
    stored, failure = store_all(context, [storing])
    if failure is not None:
        raise failure
    return stored[0]


def store_all(context: Context, storings: Sequence[Storing]) -> tuple[list[Stored], TokenwardError | None]:
    """Store values in order, within a turn, until one fails; return those that are stored, and why the next is not.

    Each is announced and recorded for itself, so that what a crash leaves of them is settled one by one, but together
    with the others. What is not stored is as before, except as for `store`; if the vault is lost meanwhile, any may be.

    Raises:
        StateDamaged: none could be announced.
    """
    begun = _announce(context, storings)
    try:
        is_first = [
            one.is_entered and free for one, free in zip(begun, _are_free(context, storings), strict=True)
        ]
        _enter(context, compress(storings, is_first))
    except TokenwardError as error:
        _take_back_all(context, begun, error)
        return [], error
    try:
        outcomes = context.vault.put_all([(one.under, one.secret) for one in storings])
    except VaultError as error:
        # Any of them may be stored, so all announcements stay open.
        return [], error
    failure: TokenwardError | None = next((one for one in outcomes if isinstance(one, VaultError)), None)
    tried = [*_tried(begun, outcomes)]
    made = tried[: len([*takewhile(lambda one: isinstance(one, bool), outcomes)])]
    try:
        _enter(context, compress(storings[: len(made)], map(not_, is_first)))
        with context.ledger.together():
            for one, of in zip(made, storings, strict=False):
                of.record(one.number)
    except TokenwardError as error:
        failure, made = failure or error, []
    if failure is not None:
        late = {
            one.number
            for one, outcome in zip(begun, outcomes, strict=False)
            if isinstance(outcome, VaultTimeout)
        }
        _take_back_all(context, [one for one in tried[len(made) :] if one.number not in late], failure)
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


def _tried(begun: Sequence[Stored], outcomes: Sequence[PutOutcome]) -> Iterator[Stored]:
    """Yield the values with what is new of each; of a name that was free, a damaged copy of ours may be."""
    for one, outcome in zip_longest(begun, outcomes):
        yield replace(one, is_new=outcome is True or isinstance(outcome, VaultForgetful))


def _take_back_all(context: Context, stored: Sequence[Stored], why: TokenwardError) -> None:
    # The last first, because the first of two with one reference made the entry.
    for one in reversed(stored):
        take_back(context, one, why)


def _are_free(context: Context, storings: Sequence[Storing]) -> list[bool]:
    """Return for each entry whether it leads to no value but this one; an editor does not say."""
    # Without it, who has some value could make an entry for another, which no record knows, and be killed.
    if context.value_source is not None:
        return [False] * len(storings)
    held = context.vault.get_all([one.under for one in storings])
    return [value is None or value == one.secret for value, one in zip(held, storings, strict=True)]


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


@dataclass(frozen=True, slots=True)
class BegunReplacement:
    """The new value that takes the place of a token's old one.

    Attributes:
        number: the id of its announcement in the ledger.
        aside: the temporary entry that holds the new value; no record lists it, so it resolves nowhere.
        old: the fingerprint of the value before; None for a new entry.
        new: the fingerprint of the new value.
        old_end: when the old value expires by itself, in seconds since 1970; None if unknown.
        new_end: when the new value's lease ends if its own end decides.
    """

    number: int
    reference: Reference
    aside: Reference
    old: Fingerprint | None
    new: Fingerprint
    old_end: int | None
    new_end: int | None

    @classmethod
    def of(cls, reference: Reference, begun: Record) -> BegunReplacement:
        """Return the replacement that a record announces."""
        aside, old = (
            Reference(reference.workspace, text_of(begun.detail, "aside")),
            text_of(begun.detail, "old"),
        )
        ends = (begun.detail.get(name) for name in ("old_end", "new_end"))
        old_end, new_end = (end if isinstance(end, int) else None for end in ends)
        new = begun.fingerprint or Fingerprint("")
        return cls(begun.id, reference, aside, Fingerprint(old) if old else None, new, old_end, new_end)

    def to_json(self) -> dict[str, JSON]:
        """Return what the announcement records."""
        return {"aside": self.aside.name, "old": self.old, "old_end": self.old_end, "new_end": self.new_end}


def settle_replacements(context: Context, references: Collection[Reference]) -> None:
    """Complete or take back the replacements of tokens that were cut off, and say so.

    Raises:
        VaultError: the keyring cannot be asked now.
    """
    begun: tuple[Record, ...] = ()
    # The use itself is recorded afterwards, which says why the ledger cannot be used.
    with suppress(StateDamaged):
        begun = context.ledger.open_replacements()
    for reference in {one.reference for one in begun}.intersection(references):
        if reference is not None:
            with context.turn():
                settle_in_turn(context, reference)


def settle_in_turn(context: Context, reference: Reference) -> None:
    """Settle what was begun for a token, within a turn, and say so."""
    for begun in context.ledger.open_stores(reference):
        context.warn(settle(context, reference, begun))


def settle(context: Context, reference: Reference, begun: Record) -> str:
    """Complete or take back what was cut off, within a turn; return what became of it, as a sentence.

    Raises:
        VaultError: the keyring cannot be asked now.
    """
    if begun.event is Event.REPLACE_STARTED:
        return _settle_replacement(context, BegunReplacement.of(reference, begun))
    opening, value = f"The storing of {reference} was interrupted;", _read(context, reference)
    entry, fingerprint = context.entries.get(reference), begun.fingerprint
    is_of_this = entry is not None and entry.fingerprint == fingerprint
    if value is not None and fingerprint and context.scanner.fingerprint(value.reveal()) == fingerprint:
        if not is_of_this:
            _enter_settled(context, reference, value, fingerprint, text_of(begun.detail, "provider"))
        context.ledger.confirm_put(begun.id, begun.detail)
        return f"{opening} the value is in the keyring, so nothing is left to do."
    if begun.detail.get("entered") and (entry is None or is_of_this):
        forget_token(context, reference)
    context.ledger.undo_store(begun.id, begun.event, "recovered")
    return f"{opening} the value is not in the keyring, so store it again."


def _settle_replacement(context: Context, begun: BegunReplacement) -> str:
    """Do the same for a replacement, whose new value counts as soon as the temporary entry holds it."""
    reference = begun.reference
    new, value = _read(context, begun.aside), _read(context, reference)
    if new is None or context.scanner.fingerprint(new.reveal()) != begun.new:
        new = value
    opening = f"The replacement of the value of {reference} was interrupted;"
    if new is None or context.scanner.fingerprint(new.reveal()) != begun.new:
        context.vault.delete(begun.aside)
        context.ledger.undo_store(begun.number, Event.REPLACE_STARTED, "recovered")
        return f"{opening} it has its old value, so replace that again."
    if value != new:
        context.vault.replace(reference, new)
    complete(context, begun, new)
    return f"{opening} it has its new value now, so nothing is left to do."


def complete(context: Context, begun: BegunReplacement, value: Secret) -> None:
    """Delete the temporary entry of a replacement whose new value the reference holds, and record it; in a turn."""
    reference = begun.reference
    entry, found = context.entries.get(reference), _finding(context, reference, value)
    if entry is None:
        _enter_settled(context, reference, value, begun.new, found.provider if found else "")
    else:
        renew_own_end(context, reference, begun.old_end, begun.new_end)
        context.entries.add(reference, begun.new, found.provider if found else entry.provider)
    context.vault.delete(begun.aside)
    folder = context.bindings.folder_of(reference.workspace)
    origin = str(folder) if folder else None
    facts = finding_facts(found) if found else {"traces": context.scanner.traces(value.reveal())}
    context.ledger.record_all(
        [
            NewRecord(Event.REPLACED, reference, begun.old, origin, begun.number, {"new": begun.new}),
            NewRecord(Event.PUT, reference, begun.new, origin, begun.number, facts),
        ]
    )


def enter_value(context: Context, reference: Reference, value: Secret) -> None:
    """Make the entry of a value that the vault holds, with the lease of a new token, and record it; within a turn."""
    found, fingerprint = _finding(context, reference, value), context.scanner.fingerprint(value.reveal())
    facts = finding_facts(found) if found else {"traces": context.scanner.traces(value.reveal())}
    _enter_settled(context, reference, value, fingerprint, found.provider if found else "")
    context.ledger.record(
        Event.PUT, reference=reference, fingerprint=fingerprint, detail={**facts, "recovered": True}
    )


def _enter_settled(
    context: Context, reference: Reference, value: Secret, fingerprint: Fingerprint, provider: str
) -> None:
    # Few uses settle anything, and none of the others waits for the rules.
    from tokenward.detection.claims.claims import read_claims  # noqa: PLC0415

    lease_stored(context, reference, fingerprint, Profile("", claims=read_claims("", value.reveal())))
    context.entries.add(reference, fingerprint, provider)


def _finding(context: Context, reference: Reference, value: Secret) -> Finding | None:
    """Return what the rules say about a value that is assigned to the token's name; None if no rule knows it."""
    from tokenward.detection.rules.own_rules import GENERIC  # noqa: PLC0415 - as above
    from tokenward.sources.source import Origin, Source  # noqa: PLC0415

    text = f'{reference.name} = "{value.reveal()}"\n'
    source = Source(text, Origin(str(reference), Surface.PASTE, None, None))
    fingerprint = context.scanner.fingerprint(value.reveal())
    with suppress(TimeoutError):
        found = (one for one in context.scanner.scan(source) if one.rule != GENERIC)
        return next((one for one in found if one.fingerprint == fingerprint), None)
    return None


def _read(context: Context, reference: Reference) -> Secret | None:
    """Return a value; None also for one that was written in part."""
    try:
        return context.vault.get(reference)
    except VaultDamaged:
        return None
