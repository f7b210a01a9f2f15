"""Settles what `put` and `put --replace` began to store and did not confirm, because they were cut off."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record, finding_facts, text_of
from tokenward.errors import StateDamaged, VaultDamaged
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Finding, Fingerprint, Profile, Reference, Secret, Surface
from tokenward.operations.access.grant_lease import lease_stored, renew_own_end
from tokenward.operations.access.store_value import forget_token
from tokenward.operations.context import Context


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
            _enter(context, reference, value, fingerprint, text_of(begun.detail, "provider"))
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
        _enter(context, reference, value, begun.new, found.provider if found else "")
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
    _enter(context, reference, value, fingerprint, found.provider if found else "")
    context.ledger.record(
        Event.PUT, reference=reference, fingerprint=fingerprint, detail={**facts, "recovered": True}
    )


def _enter(
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
