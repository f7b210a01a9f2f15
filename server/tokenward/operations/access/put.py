"""Stores single tokens, for people at a terminal."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.ledger.events import Event
from tokenward.detection.claims.claims import read_claims
from tokenward.detection.rules.profiles import profile_of
from tokenward.model import Finding, Profile, Reference, Secret
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.access.settle_replacement import settle_in_turn
from tokenward.operations.context import Context
from tokenward.operations.finding_facts import finding_facts
from tokenward.operations.origins import preferred_workspace
from tokenward.operations.token_names import require_name


def put(
    context: Context, folder: Path, name: str, secret: Secret, found: Finding | None = None
) -> tuple[Reference, bool]:
    """Store a value under a name in the folder's workspace; return the reference and whether it is new.

    Args:
        context: the workspace's context.
        folder: the folder of the workspace.
        name: the name of the token.
        secret: the value.
        found: the finding; None for a value in which no rule found a token.

    Raises:
        CustodyError: the name is not valid, or is a token.
        NameTaken: the name has another value.
        VaultError: the keyring did not store it.
    """
    workspace = context.bindings.claim(folder, preferred_workspace(context.settings, folder))
    reference = Reference(workspace, name)
    if context.entries.get(reference) is None:
        require_name(context, name)
    fingerprint = context.scanner.fingerprint(secret.reveal())
    profile = Profile("", claims=read_claims("", secret.reveal()))
    if found is not None:
        profile = profile_of(found.rule, found.claims)
    # In one turn, so that undoing a move does not delete this value permanently.
    with context.turn():
        settle_in_turn(context, reference)
        made = context.vault.put(reference, secret)
        lease_stored(context, reference, fingerprint, profile)
        context.ledger.record(
            Event.PUT,
            reference=reference,
            fingerprint=fingerprint,
            origin=str(folder),
            detail={
                "traces": context.scanner.traces(secret.reveal()),
                **(finding_facts(found) if found is not None else {}),
            },
        )
    context.entries.add(reference, fingerprint, found.provider if found is not None else "")
    return reference, made
