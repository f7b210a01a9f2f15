"""Whether the records of leases and bindings are older than the ledger, as after a backup was put back."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TypeAlias

from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.bindings.entries import Entries
from tokenward.custody.leases.lease import Lease
from tokenward.custody.leases.leases import Leases
from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.events import Event, Record, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.reading import RecordQuery, storable
from tokenward.model import Reference
from tokenward.operations.access.grant_lease import lease_detail
from tokenward.operations.use import Purpose
from tokenward.places import Places, canonical, shown

Newest: TypeAlias = Mapping[tuple[Reference | None, Event], Record]

REMEDY = "If an older custody.db was put back, set it right by `tokenward {}`."
_GOING = (Event.REMOVED, Event.ERASED, Event.RENAMED)
"""What ends an entry."""
_COMING = (Event.PUT, Event.MOVE_STARTED, Event.MOVED)


def put_back(places: Places) -> Iterator[tuple[str, str]]:
    """What the records say otherwise than the newest rows of the ledger: each in a sentence, and its remedy.

    A command that was cut off between its two writings shows likewise.

    Raises:
        StateDamaged: the records or the ledger cannot be read.
    """
    ledger = Ledger(places.ledger)
    yield from _bindings(Bindings(places.custody), ledger)
    leases = Leases(places.custody, Sessions(places.sessions)).all()
    newest = {(row.reference, row.event): row for row in ledger.newest_of_each()}
    for entry in Entries(places.custody).all():
        reference = entry.reference
        going, coming = _last(newest, reference, _GOING), _last(newest, reference, _COMING)
        if going > coming:
            yield (
                f"{reference} is on record, but the ledger says that it is gone",
                REMEDY.format("rm"),
            )
        row = newest.get((reference, Event.LEASED))
        # A move that is put back takes the lease with it that it gave.
        ended = max(going, _last(newest, reference, (Event.MOVE_UNDONE,)))
        if row is not None and row.id > ended and _is_another(ledger, row, leases.get(reference)):
            yield f"The lease of {reference} is not the last one in the ledger", REMEDY.format("lease")


def _bindings(bindings: Bindings, ledger: Ledger) -> Iterator[tuple[str, str]]:
    rows = sorted(
        (row for event in (Event.BOUND, Event.UNBOUND) for row in ledger.matching(RecordQuery(event.value))),
        key=lambda row: row.id,
    )
    for name, row in {text_of(row.detail, "workspace"): row for row in rows}.items():
        # A name that was unbound may have been claimed since, of which the ledger does not tell.
        if row.event != Event.BOUND:
            continue
        folder = bindings.folder_of(name)
        if folder is None or storable(canonical(str(folder))) != row.origin:
            yield (
                f"{name} is not bound to {shown(row.origin or '')}, as the ledger says",
                REMEDY.format("bind"),
            )


def _last(newest: Newest, reference: Reference, events: tuple[Event, ...]) -> int:
    return max((row.id for event in events if (row := newest.get((reference, event)))), default=0)


def _is_another(ledger: Ledger, row: Record, lease: Lease | None) -> bool:
    """Whether a lease is not what a row of the ledger says, or has more uses left than were taken since then."""
    if lease is None:
        return True
    given, now = dict(row.detail), json.loads(json.dumps(dict(lease_detail(lease))))
    uses, left = given.pop("uses", None), now.pop("uses", None)
    if given != now or (uses is None) != (left is None):
        return True
    return isinstance(uses, int) and isinstance(left, int) and uses - left < _taken(ledger, row)


def _taken(ledger: Ledger, row: Record) -> int:
    """How often a token was given out since a row about it."""
    reference = row.reference
    if reference is None:
        return 0
    used = RecordQuery(Event.RESOLVED.value, reference.workspace, reference.name, row.time)
    # To ask the token's own provider about it costs no use.
    return sum(
        one.id > row.id and one.detail.get("purpose") != Purpose.ASK.value for one in ledger.matching(used)
    )
