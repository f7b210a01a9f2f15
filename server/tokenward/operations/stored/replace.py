"""replace: store a new value in the place of a token's old one, whose name, lease and references stay.

Announce the replacement, store the new value under a temporary name, read it back, overwrite the old value, read that
back, and only then delete the temporary entry. Whatever is cut off in between, `settle_stores` completes it once the
temporary entry holds the new value, and takes it back before.
"""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from dataclasses import replace as with_fields
from pathlib import Path

from tokenward.custody.ledger.events import Event, NewRecord
from tokenward.detection.claims.claims import read_claims
from tokenward.errors import EntryMissing, VaultDamaged, VaultError, VaultTimeout
from tokenward.model import Profile, Reference, Secret
from tokenward.operations.access.grant_lease import default_lease
from tokenward.operations.access.store_value import (
    BegunReplacement,
    Storing,
    complete,
    settle_in_turn,
    store,
    take_back,
)
from tokenward.operations.context import Context
from tokenward.operations.recording import may_stay_unrecorded, refusals
from tokenward.operations.stored.remove import not_complete
from tokenward.operations.use import Purpose, Use

_NAME_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Replaced:
    """The result of a replacement.

    Attributes:
        is_new: it had another value, or none.
        old: the value before, to revoke it; nothing else holds it now. None for a new entry.
    """

    reference: Reference
    is_new: bool
    old: Secret | None = None


def replace(context: Context, folder: Path, reference: Reference, secret: Secret) -> Replaced:
    """Store a value in the place of a token's old one, which is deleted only once the new one is read back.

    Raises:
        WorkspaceUnbound, WorkspaceElsewhere: the folder may not touch it.
        EntryMissing: nothing is stored under the reference.
        StateDamaged: it cannot be recorded; the old value stays.
        CustodyError: a move or a renaming needs the old value, or its lease is about to delete it.
        VaultError: the keyring did not store it; the old value stays, or the next command completes the replacement.
    """
    with refusals(context, folder, [reference], Use.own(Purpose.REPLACE)):
        context.bindings.check(reference, folder)
    with context.turn():
        settle_in_turn(context, reference)
        _require_replaceable(context, reference)
        old, entry = _old_value(context, reference), context.entries.get(reference)
        if old == secret and entry is not None:
            return Replaced(reference, is_new=False)
        _replace(context, reference, old, secret)
        return Replaced(reference, is_new=True, old=old)


def _require_replaceable(context: Context, reference: Reference) -> None:
    if context.ledger.is_unfinished(reference):
        raise not_complete(reference)


def _old_value(context: Context, reference: Reference) -> Secret | None:
    try:
        old = context.vault.get(reference)
    except VaultDamaged:
        # A value that cannot be read is one more reason to replace it.
        old = None
    if old is None and context.entries.get(reference) is None:
        raise EntryMissing(
            "Nothing is stored under {reference} that could be replaced; store it with `tokenward put "
            "{name}`.",
            reference=reference,
            name=reference.name,
        )
    return old


def _replace(context: Context, reference: Reference, old: Secret | None, secret: Secret) -> None:
    begun = _begun(context, reference, old, secret)
    folder = context.bindings.folder_of(reference.workspace)
    announcement = NewRecord(
        Event.REPLACE_STARTED, reference, begun.new, str(folder) if folder else None, None, begun.to_json()
    )
    # The temporary entry is on no list, so the announcement stays open until it is deleted.
    stored = store(context, Storing(announcement, begun.aside, secret, _nothing, _nothing))
    try:
        context.vault.replace(reference, secret)
    except VaultTimeout:
        # It may have been stored nevertheless; the next command looks.
        raise
    except VaultError as error:
        # If the keyring fails again, the next command settles it.
        with contextlib.suppress(VaultError):
            if old is not None and context.vault.get(reference) != old:
                context.vault.replace(reference, old)
            take_back(context, stored, error)
        raise
    with may_stay_unrecorded(context, f"the replacement of {reference} until the next command that uses it"):
        _complete(context, with_fields(begun, number=stored.number), secret)


def _complete(context: Context, begun: BegunReplacement, secret: Secret) -> None:
    try:
        complete(context, begun, secret)
    except VaultError as error:
        context.warn(
            f"{begun.reference} has its new value, but {begun.aside.name} still has a copy in the keyring, which the "
            f"next command that uses {begun.reference.name} deletes: {error}"
        )


def _nothing(*_: object) -> None:
    pass


def _begun(context: Context, reference: Reference, old: Secret | None, secret: Secret) -> BegunReplacement:
    entry, claims = context.entries.get(reference), read_claims("", secret.reveal())
    old_fingerprint = entry.fingerprint if entry is not None else None
    old_end = None
    if old is not None:
        old_fingerprint = context.scanner.fingerprint(old.reveal())
        old_end = read_claims("", old.reveal()).expires
    lease = default_lease(
        context.settings, Profile("", claims=claims), int(time.time()), context.leases.sessions
    )
    new = context.scanner.fingerprint(secret.reveal())
    # The name of the temporary entry is a token's, because a keyring may take no other.
    end = f"_NEW_{new[:16]}"
    aside = Reference(reference.workspace, reference.name[: _NAME_LENGTH - len(end)] + end)
    return BegunReplacement(0, reference, aside, old_fingerprint, new, old_end, lease.expires)
