"""Stores and removes single tokens, for people at a terminal."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.detection.claims.claims import read_claims
from tokenward.detection.rules.profiles import profile_of
from tokenward.errors import CustodyError
from tokenward.model import Finding, Profile, Reference, Secret
from tokenward.operations.access.delete_token import delete_token
from tokenward.operations.access.grant_lease import lease_stored
from tokenward.operations.context import Context
from tokenward.operations.finding_facts import finding_facts
from tokenward.operations.origins import preferred_workspace
from tokenward.operations.recording import note, refusals
from tokenward.operations.token_names import require_name
from tokenward.operations.use import Purpose, Use


def put(
    context: Context, folder: Path, name: str, secret: Secret, found: Finding | None = None
) -> tuple[Reference, bool]:
    """Store a value under a name in the folder's workspace; return the reference, and whether it is new.

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


def remove(context: Context, folder: Path, reference: Reference) -> bool:
    """Delete an entry from the keyring and the records; return False if there was none.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not use it.
        CustodyError: a move or a rename needs it.
    """
    with refusals(context, folder, [reference], Use.own(Purpose.REMOVE)):
        context.bindings.check(reference, folder)
    # In one turn, so that no move that starts now finds the value and then loses it.
    with context.turn():
        if context.entries.get(reference) is None:
            return False
        if context.ledger.is_unfinished(reference):
            raise not_complete(reference)
        delete_token(context, reference)
    note(context, f"the removal of {reference}", NewRecord(Event.REMOVED, reference, origin=str(folder)))
    return True


def not_complete(reference: Reference) -> CustodyError:
    """Return the error for a value that a move or a rename, possibly interrupted, may still write into a file."""
    return CustodyError(
        f"A move of {reference} is not complete; try again, or run `tokenward doctor` if it was interrupted."
    )
