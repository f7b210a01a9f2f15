"""Completes a replacement once its new value is stored aside, and settles one that was cut off."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress

from tokenward.custody.bindings.replacements import BegunReplacement
from tokenward.custody.ledger.events import Event, NewRecord, finding_facts
from tokenward.errors import VaultDamaged
from tokenward.model import Finding, Profile, Reference, Secret, Surface
from tokenward.operations.access.grant_lease import lease_stored, renew_own_end
from tokenward.operations.context import Context


def settle_replacements(context: Context, references: Collection[Reference]) -> None:
    """Complete or take back the replacements of tokens that were cut off, and say so.

    Raises:
        VaultError: the keyring cannot be asked now.
    """
    for begun in context.replacements.all():
        if begun.reference in references:
            with context.turn():
                settle_in_turn(context, begun.reference)


def settle_in_turn(context: Context, reference: Reference) -> None:
    """Do the same for one token within a turn."""
    begun = context.replacements.get(reference)
    if begun is not None:
        context.warn(settle(context, begun))


def settle(context: Context, begun: BegunReplacement) -> str:
    """Complete or take back a replacement that was cut off; return what became of it, as a sentence.

    Within a turn. The new value counts as soon as the temporary entry holds it.
    """
    reference = begun.reference
    new, value = _read(context, begun.aside), _read(context, reference)
    if new is None or context.scanner.fingerprint(new.reveal()) != begun.new:
        new = value
    opening = f"The replacement of the value of {reference} was interrupted;"
    if new is None or context.scanner.fingerprint(new.reveal()) != begun.new:
        context.vault.delete(begun.aside)
        context.replacements.end(reference)
        return f"{opening} it has its old value, so replace that again."
    if value != new:
        context.vault.replace(reference, new)
    complete(context, begun, new)
    return f"{opening} it has its new value now, so nothing is left to do."


def complete(context: Context, begun: BegunReplacement, value: Secret) -> None:
    """Record a replacement whose new value the reference holds, and delete the temporary entry; within a turn."""
    reference = begun.reference
    record(context, begun, value)
    entry, found = context.entries.get(reference), _finding(context, reference, value)
    if entry is None:
        # Few uses settle anything, and none of the others waits for the rules.
        from tokenward.detection.claims.claims import read_claims  # noqa: PLC0415

        profile = Profile("", claims=read_claims("", value.reveal()))
        lease_stored(context, reference, begun.new, profile)
    else:
        renew_own_end(context, reference, begun.old_end, begun.new_end)
    provider = found.provider if found else entry.provider if entry else ""
    context.entries.add(reference, begun.new, provider)
    context.vault.delete(begun.aside)
    context.replacements.end(reference)


def record(context: Context, begun: BegunReplacement, value: Secret) -> None:
    """Record in the ledger, once, that a value takes the place of another.

    Raises:
        StateDamaged: it cannot be recorded.
    """
    reference, folder = begun.reference, context.bindings.folder_of(begun.reference.workspace)
    recorded = context.ledger.last(Event.REPLACED, reference)
    if recorded is not None and recorded.time >= begun.began:
        return
    origin = str(folder) if folder else None
    found = _finding(context, reference, value)
    facts = finding_facts(found) if found else {"traces": context.scanner.traces(value.reveal())}
    context.ledger.record_all(
        [
            NewRecord(Event.REPLACED, reference, begun.old, origin, None, {"new": begun.new}),
            NewRecord(Event.PUT, reference, begun.new, origin, None, facts),
        ]
    )


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
