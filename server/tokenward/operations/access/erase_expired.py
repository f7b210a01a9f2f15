"""Erases tokens whose leases have ended, if the leases say so."""

from __future__ import annotations

from collections.abc import Collection

from tokenward.custody.leases.clock import Moment
from tokenward.custody.leases.lease import Lease, LeaseEnd
from tokenward.custody.ledger.events import Event
from tokenward.errors import CustodyError, VaultError
from tokenward.model import Reference
from tokenward.operations.access.settle_stores import settle_in_turn
from tokenward.operations.context import Context


def tokens_to_erase(context: Context) -> tuple[Reference, ...]:
    """Return the tokens to be erased now or later, without using the keyring."""
    moment = context.leases.moment()
    leases = context.leases.all()
    return tuple(ref for ref, lease in leases.items() if _must_erase(context, lease, moment))


def sweep(context: Context) -> tuple[Reference, ...]:
    """Erase the tokens whose leases were already seen to be over; return the erased ones."""
    return erase_ended(context, tokens_to_erase(context))


def erase_ended(context: Context, references: Collection[Reference]) -> tuple[Reference, ...]:
    """Erase tokens whose leases were already seen to be over; if the keyring fails, retry later.

    The lease is deleted last, so that an erasure interrupted by a crash is found the next time.
    """
    erased = []
    for reference in references:
        try:
            with context.turn():
                if _erase(context, reference):
                    erased.append(reference)
        except (VaultError, CustodyError) as error:
            context.warn(f"{reference}, whose lease has ended, is still in the keyring: {error}")
            break
    return tuple(erased)


def _erase(context: Context, reference: Reference) -> bool:
    settle_in_turn(context, reference)
    # Checked again within the turn, because another process may have stored or leased it in between.
    lease, moment = context.leases.get(reference), context.leases.tick()
    if lease is None or not lease.erases:
        return False
    if not _must_erase(context, lease, moment):
        context.leases.note_lasting(reference)
        return False
    if context.ledger.is_unfinished(reference):
        # A move or a rename may be about to write the reference into a file; the next sweep retries.
        return False
    if not context.leases.note_over(reference):
        return False
    entry = context.entries.get(reference)
    if entry is not None:
        detail = {"why": (context.leases.end_of(lease, moment) or LeaseEnd.SESSION).name.lower()}
        # Before anything is deleted, once for each lease.
        recorded = context.ledger.last(Event.EXPIRED, reference)
        leased = context.ledger.last(Event.LEASED, reference)
        began = max(entry.created, leased.time) if leased else entry.created
        if recorded is None or recorded.time < began:
            context.ledger.record(
                Event.EXPIRED, reference=reference, fingerprint=entry.fingerprint, detail=detail
            )
        context.vault.delete(reference)
        context.ledger.record(Event.ERASED, reference=reference, fingerprint=entry.fingerprint, detail=detail)
        context.entries.remove(reference)
    context.leases.forget(reference)
    return entry is not None


def _must_erase(context: Context, lease: Lease, moment: Moment) -> bool:
    """Return whether to erase a token; one whose lease has ended only by a doubtful clock stays."""
    over = context.leases.end_of(lease, moment) if lease.erases else None
    return over in (LeaseEnd.SPENT, LeaseEnd.SESSION) or (over is LeaseEnd.EXPIRED and not moment.is_behind)
