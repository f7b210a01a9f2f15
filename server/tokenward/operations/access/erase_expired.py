"""Erasing the tokens whose leases have ended, where a person wanted that."""

from __future__ import annotations

from collections.abc import Collection

from tokenward.custody.bindings.entries import Entry
from tokenward.custody.leases.clock import Moment
from tokenward.custody.leases.lease import Lease, Over
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.unfinished import is_unfinished
from tokenward.errors import CustodyError, VaultError
from tokenward.model import Reference
from tokenward.operations.context import Context


def ended(context: Context) -> tuple[Reference, ...]:
    """Return the tokens that are to be erased, now or in a while; asks no keyring."""
    moment = context.leases.moment()
    leases = context.leases.all()
    return tuple(ref for ref, lease in leases.items() if _is_to_go(context, lease, moment))


def sweep(context: Context) -> tuple[Reference, ...]:
    """Erase the tokens whose leases were seen to be over before; those that are gone."""
    return erase_ended(context, ended(context))


def erase_ended(context: Context, references: Collection[Reference]) -> tuple[Reference, ...]:
    """Erase some tokens whose leases were seen to be over before; a keyring that fails is tried again later.

    The lease goes last, so that what a crash cuts off is found the next time.
    """
    gone = []
    for reference in references:
        try:
            with context.turn():
                if _erase(context, reference):
                    gone.append(reference)
        except (VaultError, CustodyError) as error:
            context.warn(f"{reference}, whose lease has ended, is still in the keyring: {error}")
            break
    return tuple(gone)


def _erase(context: Context, reference: Reference) -> bool:
    # Looked at again within the turn, since somebody may have stored or leased it in between.
    lease, moment = context.leases.get(reference), context.leases.tick()
    if lease is None or not lease.erases:
        return False
    if not _is_to_go(context, lease, moment):
        context.leases.see_lasting(reference)
        return False
    if is_unfinished(context.ledger, reference):
        # A move or a renaming may be about to write the reference into a file; the next sweep comes back.
        return False
    if not context.leases.see_over(reference):
        return False
    entry = context.entries.get(reference)
    if entry is not None:
        _tell_of_end(context, entry, lease, moment)
        context.vault.delete(reference)
        detail = {"why": _why(context, lease, moment)}
        context.ledger.record(Event.ERASED, reference=reference, fingerprint=entry.fingerprint, detail=detail)
        context.entries.remove(reference)
    context.leases.forget(reference)
    return entry is not None


def _tell_of_end(context: Context, entry: Entry, lease: Lease, moment: Moment) -> None:
    """Record the end before anything is deleted, once for each lease."""
    told = context.ledger.last(Event.EXPIRED, entry.reference)
    began = max(entry.created, context.ledger.last(Event.LEASED, entry.reference) or entry.created)
    if told is None or told < began:
        detail = {"why": _why(context, lease, moment)}
        context.ledger.record(
            Event.EXPIRED, reference=entry.reference, fingerprint=entry.fingerprint, detail=detail
        )


def _why(context: Context, lease: Lease, moment: Moment) -> str:
    return (context.leases.over(lease, moment) or Over.SESSION).name.lower()


def _is_to_go(context: Context, lease: Lease, moment: Moment) -> bool:
    """Return whether a token is to be erased; one that only a doubtful clock says has ended is not."""
    over = context.leases.over(lease, moment) if lease.erases else None
    return over in (Over.SPENT, Over.SESSION) or (over is Over.EXPIRED and not moment.is_behind)
