"""Storing and removing single tokens, for people at a terminal."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.ledger import Event, Happening
from tokenward.detection.claims import read_claims
from tokenward.model import Profile, Reference, Secret
from tokenward.operations.context import Context
from tokenward.operations.granting import lease_stored
from tokenward.operations.plan import preferred_workspace
from tokenward.operations.recording import note
from tokenward.operations.use import Purpose, Use, refusals


def put(context: Context, folder: Path, name: str, secret: Secret) -> tuple[Reference, bool]:
    """Store a value under a name of the folder's workspace; the reference, and False when it was there already.

    Raises:
        NameTaken: the name holds another value.
        VaultError: the keyring did not take it.
    """
    workspace = context.bindings.claim(folder, preferred_workspace(context.settings, folder))
    reference = Reference(workspace, name)
    fingerprint = context.scanner.fingerprint(secret.reveal())
    # In one turn, so that a move which is just being put back does not delete what stands here for good.
    with context.turn():
        made = context.vault.put(reference, secret)
        profile = Profile("", claims=read_claims("", secret.reveal()))
        lease_stored(context, reference, fingerprint, profile)
        context.ledger.record(
            Event.PUT,
            reference=reference,
            fingerprint=fingerprint,
            origin=str(folder),
            detail={"traces": context.scanner.traces(secret.reveal())},
        )
    context.entries.add(reference, fingerprint, "")
    return reference, made


def remove(context: Context, folder: Path, reference: Reference) -> bool:
    """Delete an entry from the keyring and the records; False when there was none.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not touch it.
    """
    with refusals(context, folder, [reference], Use.own(Purpose.REMOVE)):
        context.bindings.check(reference, folder)
    if context.entries.get(reference) is None:
        return False
    context.vault.delete(reference)
    context.entries.remove(reference)
    context.leases.forget(reference)
    note(context, f"the removal of {reference}", Happening(Event.REMOVED, reference, origin=str(folder)))
    return True
