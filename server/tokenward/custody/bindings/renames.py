"""The ledger's records of stored tokens that were renamed."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.ledger import queries
from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.reading import RecordQuery
from tokenward.model import TOKEN_NAME, Reference

_MOST_NAMES = 20
"""Names of one token that are followed."""


def begin_rename(ledger: Ledger, entry: TokenEntry, folder: str, name: str, *, is_again: bool) -> int:
    """Announce a renaming before anything is stored; return its id.

    Args:
        ledger: gets the record.
        entry: of the token.
        folder: its workspace.
        name: the new name.
        is_again: the token has that name too already, since an earlier renaming was not completed.
    """
    detail: dict[str, JSON] = {"to": name, "again": is_again}
    started = NewRecord(Event.RENAME_STARTED, entry.reference, entry.fingerprint, folder, None, detail)
    return ledger.record_start(started)


def end_rename(ledger: Ledger, number: int, name: str) -> bool:
    """Record that only the new name leads to the token; False when the renaming had ended already."""
    return ledger.record_outcome(queries.OPEN_RENAME, number, Event.RENAMED, {"to": name})


def undo_rename(ledger: Ledger, number: int, why: str) -> bool:
    """Record that the old name leads to the token as before; False when the renaming had ended already."""
    return ledger.record_outcome(queries.OPEN_RENAME, number, Event.RENAME_UNDONE, {"why": why})


def open_renames(ledger: Ledger) -> tuple[tuple[Record, Reference, Reference], ...]:
    """Return the renamings whose process died before their end, the oldest first; each with both names."""
    found = ledger.abandoned(queries.OPEN_RENAMES)
    named = ((record, record.reference, _reference_in(record, "to")) for record in found)
    return tuple((record, old, new) for record, old, new in named if old is not None and new is not None)


def names_of(ledger: Ledger, reference: Reference) -> tuple[Reference, ...]:
    """Return a stored token's name and its earlier names, the present name first."""
    names, before = [reference], math.inf
    while len(names) < _MOST_NAMES:
        stored = [one for one in _records_of(ledger, Event.PUT, names[-1]) if one.id < before]
        earlier = _reference_in(stored[-1], "from") if stored else None
        if earlier is None:
            break
        names.append(earlier)
        before = stored[-1].id
    return tuple(dict.fromkeys(names))


def own_names_of(
    ledger: Ledger, reference: Reference, stored: Collection[Reference]
) -> tuple[Reference, ...]:
    """Return a stored token's name and those earlier names that no other stored token has now."""
    return tuple(name for name in names_of(ledger, reference) if name == reference or name not in stored)


def last_use(ledger: Ledger, names: Iterable[Reference]) -> datetime | None:
    """Return when a token was last used under any of its names; None for never."""
    uses = (ledger.last(Event.RESOLVED, name) for name in names)
    return max((used for used in uses if used is not None), default=None)


def later_names_of(ledger: Ledger, reference: Reference, since: int) -> tuple[Reference, ...]:
    """Return a name that a token had at a record of the ledger, and its later names in order."""
    names, after = [reference], since
    while len(names) < _MOST_NAMES:
        renamed = [one for one in _records_of(ledger, Event.RENAMED, names[-1]) if one.id > after]
        later = _reference_in(renamed[0], "to") if renamed else None
        if later is None:
            break
        names.append(later)
        after = renamed[0].id
    return tuple(names)


def last(ledger: Ledger, event: Event, reference: Reference) -> Record | None:
    """Return the last record of an event of a reference; None when there is none."""
    query = RecordQuery(event.value, reference.workspace, reference.name, most=1)
    return next(iter(ledger.matching(query)), None)


def _records_of(ledger: Ledger, event: Event, reference: Reference) -> tuple[Record, ...]:
    return ledger.matching(RecordQuery(event.value, reference.workspace, reference.name))


def _reference_in(record: Record | None, key: str) -> Reference | None:
    """Return the reference with the name in a record's detail."""
    if record is None or record.reference is None:
        return None
    name = text_of(record.detail, key)
    return Reference(record.reference.workspace, name) if TOKEN_NAME.fullmatch(name) else None
