"""Resolves references to values, for a program to be started or for a person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from types import MappingProxyType

from tokenward.custody.ledger.events import Event
from tokenward.errors import EntryMissing
from tokenward.model import Reference, Secret
from tokenward.operations.access.permit import permit, spending
from tokenward.operations.access.store_value import settle_replacements
from tokenward.operations.context import Context
from tokenward.operations.recording import record_uses, refusals, require_record
from tokenward.operations.token_names import require_known
from tokenward.operations.use import Use

Elsewhere = Mapping[Path, Collection[Reference]]
"""References that a user's files in other workspaces hold, by the folders of these workspaces."""
NOWHERE: Elsewhere = MappingProxyType({})


def resolve(context: Context, folder: Path, reference: Reference, use: Use) -> Secret:
    """Return the value of a reference that belongs to the workspace, for a use that its lease allows.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not resolve it.
        LeaseRefused: the lease does not allow this use.
        EntryMissing: nothing is stored under it.
        VaultError: the keyring did not return it.
        StateDamaged: the use cannot be recorded, and the user's settings require that.
    """
    return resolve_all(context, folder, (reference,), use)[reference]


def resolve_all(
    context: Context,
    folder: Path,
    references: Collection[Reference],
    use: Use,
    elsewhere: Elsewhere = NOWHERE,
) -> dict[Reference, Secret]:
    """Return the values of all references or none, so that a person is asked only once.

    Each reference must belong to every workspace in which it was found.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    found: dict[Path, Collection[Reference]] = {folder: (), **elsewhere}
    found[folder] = dict.fromkeys([*references, *found[folder]])
    references = dict.fromkeys(reference for held in found.values() for reference in held)
    require_known(context.entries, references)
    if context.value_source is not None and references:
        # The server decides and records; this process has no say in the leases.
        source = context.value_source
        return {
            reference: value
            for place, held in found.items()
            if held
            for reference, value in source.values(place, held, use).items()
        }
    for place, reference in ((place, one) for place, held in found.items() for one in held):
        with refusals(context, folder, [reference], use):
            context.bindings.check(reference, place)
            # A value without a record may be older than the records, and a stranger may have bound the folder since,
            # so only a person who has the value may record it again.
            if context.entries.get(reference) is None:
                raise _missing(reference)
    settle_replacements(context, references)
    permitted = permit(context, folder, references, use)
    required = context.settings.ledger_required
    is_required = required == "always" or (required == "approval" and permitted.by_approval)
    values: dict[Reference, Secret] = {}
    # What cannot be given costs no use.
    with spending(context, folder, permitted.counted, use):
        for reference in references:
            with refusals(context, folder, [reference], use):
                value = context.vault.get(reference)
                if value is None:
                    raise _missing(reference)
                values[reference] = value
        if references and is_required:
            require_record(context, folder, references, use)
    if references and not is_required:
        record_uses(context, Event.RESOLVED, folder, references, use)
    return values


def _missing(reference: Reference) -> EntryMissing:
    return EntryMissing(
        "Nothing is stored under {reference}; store it with `tokenward put {name}`.",
        reference=reference,
        name=reference.name,
    )
