"""Finds records of leases and bindings that are older than the ledger, as after a backup was restored."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.events import Event, Record, RecordQuery, storable, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Reference
from tokenward.operations.access.grant_lease import lease_detail
from tokenward.operations.use import Purpose
from tokenward.places import Places, canonical, shown

REMEDY = "If an older custody.db was restored, correct it with `tokenward {}`."
_REMOVALS = (Event.REMOVED, Event.RENAMED)
"""The events that end an entry."""
_ADDITIONS = (Event.PUT, Event.MOVE_STARTED, Event.MOVED)


def find_older_records(places: Places) -> Iterator[tuple[str, str]]:
    """Yield each contradiction between the records and the newest rows of the ledger: a sentence, and its remedy.

    A command that was interrupted between its two writes leaves the same contradictions.

    Raises:
        StateDamaged: the records or the ledger cannot be read.
    """
    ledger = Ledger(places.ledger)
    yield from _older_bindings(Bindings(places.custody), ledger)
    leases = Leases(places.custody, Sessions(places.sessions)).all()
    newest = {(row.reference, row.event): row for row in ledger.newest_of_each()}
    for entry in Entries(places.custody).all():
        reference = entry.reference
        removed = _newest_id(newest, reference, _REMOVALS)
        if removed > _newest_id(newest, reference, _ADDITIONS):
            yield (f"{reference} is recorded, but the ledger says that it is gone", REMEDY.format("rm"))
        leased = newest.get((reference, Event.LEASED))
        # An undone move also revokes the lease that it granted.
        ended = max(removed, _newest_id(newest, reference, (Event.MOVE_UNDONE,)))
        if leased is not None and leased.id > ended and _is_older(leases.get(reference), ledger, leased):
            yield f"The lease of {reference} is not the last one in the ledger", REMEDY.format("lease")


def _older_bindings(bindings: Bindings, ledger: Ledger) -> Iterator[tuple[str, str]]:
    rows = sorted(
        (row for event in (Event.BOUND, Event.UNBOUND) for row in ledger.matching(RecordQuery(event.value))),
        key=lambda row: row.id,
    )
    for name, row in {text_of(row.detail, "workspace"): row for row in rows}.items():
        # A name that was unbound may have been claimed since, which the ledger does not record.
        if row.event != Event.BOUND:
            continue
        folder = bindings.folder_of(name)
        if folder is None or storable(canonical(str(folder))) != row.origin:
            yield (
                f"{name} is not bound to {shown(row.origin or '')}, as the ledger says",
                REMEDY.format("bind"),
            )


def _newest_id(
    newest: Mapping[tuple[Reference | None, Event], Record], reference: Reference, events: tuple[Event, ...]
) -> int:
    """Return the id of the newest row about a token with one of the events, or 0."""
    return max((row.id for event in events if (row := newest.get((reference, event)))), default=0)


def _is_older(lease: Lease | None, ledger: Ledger, leased: Record) -> bool:
    """Return whether a lease differs from the ledger's last row about it, or lacks uses recorded since that row."""
    if lease is None:
        return True
    recorded, stored = dict(leased.detail), json.loads(json.dumps(dict(lease_detail(lease))))
    uses, remaining = recorded.pop("uses", None), stored.pop("uses", None)
    if recorded != stored or (uses is None) != (remaining is None):
        return True
    return (
        isinstance(uses, int)
        and isinstance(remaining, int)
        and uses - remaining < _count_uses_since(ledger, leased)
    )


def _count_uses_since(ledger: Ledger, row: Record) -> int:
    """Return how often a token was resolved after a row about it."""
    reference = row.reference
    if reference is None:
        return 0
    query = RecordQuery(Event.RESOLVED.value, reference.workspace, reference.name, row.time)
    # A check by the token's own provider costs no use.
    return sum(
        later.id > row.id and later.detail.get("purpose") != Purpose.ASK.value
        for later in ledger.matching(query)
    )
