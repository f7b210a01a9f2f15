"""The ledger's records of renamed tokens."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from tokenward.custody.bindings.entries import TokenEntry
from tokenward.custody.ledger import schema
from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record, RecordQuery, added_lines, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import TOKEN_NAME, Reference
from tokenward.places import canonical

_MOST_NAMES = 20
"""The most names of a token that are followed."""


def announced_rename(entry: TokenEntry, folder: str, name: str, *, is_again: bool) -> NewRecord:
    """Return the record that announces a rename.

    If `is_again`, the token already has the new name too, because an earlier rename was not completed.
    """
    detail: dict[str, JSON] = {"to": name, "again": is_again}
    return NewRecord(Event.RENAME_STARTED, entry.reference, entry.fingerprint, folder, None, detail)


def end_rename(ledger: Ledger, number: int, name: str) -> bool:
    """Record that only the new name leads to the token; return False if the rename had already ended."""
    return ledger.record_outcome(schema.OPEN_RENAME, number, Event.RENAMED, {"to": name})


def undo_rename(ledger: Ledger, number: int, why: str) -> bool:
    """Record that the old name leads to the token as before; return False if the rename had already ended."""
    return ledger.record_outcome(schema.OPEN_RENAME, number, Event.RENAME_UNDONE, {"why": why})


def open_renames(ledger: Ledger) -> tuple[tuple[Record, Reference, Reference], ...]:
    """Return the unfinished renames of dead processes, the oldest first, each with both names."""
    found = ledger.abandoned(schema.OPEN_RENAMES)
    named = ((record, record.reference, _reference_in(record, "to")) for record in found)
    return tuple((record, old, new) for record, old, new in named if old is not None and new is not None)


def names_of(ledger: Ledger, reference: Reference) -> tuple[Reference, ...]:
    """Return a stored token's names, the current one first."""
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
    """Return a stored token's name and those of its earlier names that no other stored token has now."""
    return tuple(name for name in names_of(ledger, reference) if name == reference or name not in stored)


def last_use(ledger: Ledger, names: Iterable[Reference]) -> datetime | None:
    """Return when a token was last used under any of its names; None if never."""
    uses = (ledger.last(Event.RESOLVED, name) for name in names)
    return max((use.time for use in uses if use is not None), default=None)


def later_names_of(ledger: Ledger, reference: Reference, since: int) -> tuple[Reference, ...]:
    """Return the name in a record of the ledger, and the token's later names in order."""
    names, after = [reference], since
    while len(names) < _MOST_NAMES:
        renamed = [one for one in _records_of(ledger, Event.RENAMED, names[-1]) if one.id > after]
        later = _reference_in(renamed[0], "to") if renamed else None
        if later is None:
            break
        names.append(later)
        after = renamed[0].id
    return tuple(names)


def left_by_moves(ledger: Ledger, path: Path) -> set[Reference]:
    """Return the references that moves left in a file or added to it, under all the names that they have had since."""
    place = canonical(str(path))
    others = ledger.matching(RecordQuery(Event.MOVED.value))
    moves = [*ledger.last_moved(place), *(one for one in others if place in added_lines(one))]
    return {name for one in moves if one.reference for name in later_names_of(ledger, one.reference, one.id)}


def _records_of(ledger: Ledger, event: Event, reference: Reference) -> tuple[Record, ...]:
    return ledger.matching(RecordQuery(event.value, reference.workspace, reference.name))


def _reference_in(record: Record | None, key: str) -> Reference | None:
    """Return the reference with the name in a record's detail."""
    if record is None or record.reference is None:
        return None
    name = text_of(record.detail, key)
    return Reference(record.reference.workspace, name) if TOKEN_NAME.fullmatch(name) else None
