"""References -> values, for a program that is about to start or a person who asks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

from tokenward.custody.ledger.events import Event
from tokenward.errors import EntryMissing
from tokenward.model import Reference, Secret, references_in
from tokenward.operations.access.permit import permit, spending
from tokenward.operations.context import Context
from tokenward.operations.recording import record_uses, refusals
from tokenward.operations.token_names import require_known
from tokenward.operations.use import Use


def resolve(context: Context, folder: Path, reference: Reference, use: Use) -> Secret:
    """Return the value of a reference, for a workspace that may have it and a use that its lease allows.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not.
        LeaseRefused: the lease does not allow this use.
        EntryMissing: nothing is stored under it.
        VaultError: the keyring did not give it.
    """
    return resolve_all(context, folder, (reference,), use)[reference]


def resolve_all(
    context: Context, folder: Path, references: Collection[Reference], use: Use
) -> dict[Reference, Secret]:
    """Return the values of references, all of them or none, so that a person is asked once.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    require_known(context.entries, references)
    if context.keeper is not None and references:
        # It decides and tells the ledger; what this process thinks of the leases is of no account.
        return dict(context.keeper.values(folder, references, use))
    for reference in references:
        with refusals(context, folder, [reference], use):
            _require_entry(context, folder, reference)
    counted = permit(context, folder, references, use)
    values: dict[Reference, Secret] = {}
    with spending(context, folder, counted, use):
        for reference in references:
            with refusals(context, folder, [reference], use):
                values[reference] = _value(context, reference)
    if references:
        record_uses(context, Event.RESOLVED, folder, references, use)
    return values


def resolve_text(context: Context, folder: Path, text: str, use: Use) -> Secret:
    """Return a text with every reference in it replaced by its value; each distinct one is resolved once.

    Raises:
        TokenwardError: one of them cannot be resolved, as `resolve` says.
    """
    references = dict.fromkeys(reference for _, reference in references_in(text))
    return filled(text, resolve_all(context, folder, references, use))


def filled(text: str, values: Mapping[Reference, Secret]) -> Secret:
    """Return a text with every reference in it replaced by its value."""
    pieces: list[str] = []
    end = 0
    for span, reference in references_in(text):
        pieces += [text[end : span.start], values[reference].reveal()]
        end = span.end
    return Secret("".join([*pieces, text[end:]]))


def _require_entry(context: Context, folder: Path, reference: Reference) -> None:
    context.bindings.check(reference, folder)
    # A value without a record may be from before the records were lost; who bound the name since then may be
    # a stranger to it, so it takes somebody who can present the value to make the record anew.
    if context.entries.get(reference) is None:
        raise _missing(reference)


def _value(context: Context, reference: Reference) -> Secret:
    secret = context.vault.get(reference)
    if secret is None:
        raise _missing(reference)
    return secret


def _missing(reference: Reference) -> EntryMissing:
    return EntryMissing(f"Nothing is stored under {reference}; store it by `tokenward put {reference.name}`.")
