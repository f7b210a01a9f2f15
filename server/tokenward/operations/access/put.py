"""Stores single tokens under names."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from types import MappingProxyType

from tokenward.custody.ledger.events import JSON, Event, NewRecord, finding_facts
from tokenward.detection.claims.claims import read_claims
from tokenward.detection.rules.providers import profile_of, provider_of
from tokenward.errors import NameTaken
from tokenward.model import Finding, Profile, Reference, Secret
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.access.store_value import Storing, settle_in_turn, store
from tokenward.operations.context import Context
from tokenward.operations.token_names import require_name

NO_DETAIL: Mapping[str, JSON] = MappingProxyType({})
_MOST_NAMES = 20


def put(
    context: Context,
    folder: Path,
    name: str,
    secret: Secret,
    found: Finding | None = None,
    *,
    detail: Mapping[str, JSON] = NO_DETAIL,
) -> tuple[Reference, bool]:
    """Store a value under a name in the folder's workspace; return the reference and whether it is new.

    No rule need have found a token in it. The detail is for the ledger.

    Raises:
        CustodyError: the name is not valid, or is a token.
        NameTaken: the name has another value.
        VaultError: the keyring did not store it.
    """
    reference = Reference(context.claim_workspace(folder), name)
    if context.entries.get(reference) is None:
        require_name(context, name)
    fingerprint = context.scanner.fingerprint(secret.reveal())
    profile = Profile("", claims=read_claims("", secret.reveal()))
    if found is not None:
        profile = profile_of(found.rule, found.claims)
    provider = found.provider if found is not None else ""
    facts = finding_facts(found) if found is not None else {}
    facts = {"traces": context.scanner.traces(secret.reveal()), **facts, **detail}

    def enter() -> None:
        lease_stored(context, reference, fingerprint, profile)
        context.entries.add(reference, fingerprint, provider)

    def confirm(number: int) -> None:
        context.ledger.confirm_put(number, facts)

    announcement = NewRecord(Event.PUT_STARTED, reference, fingerprint, str(folder), None, facts)
    # In one turn, so that undoing a move does not delete this value permanently.
    with context.turn():
        settle_in_turn(context, reference)
        stored = store(context, Storing(announcement, reference, secret, enter, confirm))
    return reference, stored.is_new


def put_found(
    context: Context, folder: Path, secret: Secret, found: Finding, detail: Mapping[str, JSON] = NO_DETAIL
) -> Reference:
    """Store a found token under the first free name like the one that its provider suggests; return the reference.

    Raises:
        CustodyError: twenty such names are taken.
        VaultError: the keyring did not store it.
    """
    base = provider_of(found.rule).variable
    names = [base, *(f"{base}_{number}" for number in range(2, _MOST_NAMES + 1))]
    for name in names[:-1]:
        with suppress(NameTaken):
            return put(context, folder, name, secret, found, detail=detail)[0]
    return put(context, folder, names[-1], secret, found, detail=detail)[0]
