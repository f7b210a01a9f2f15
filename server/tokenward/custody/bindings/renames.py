"""What the ledger tells of stored tokens that got another name."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable
from datetime import datetime

from tokenward.custody.bindings.entries import Entry
from tokenward.custody.ledger import queries
from tokenward.custody.ledger.events import JSON, Event, NewRecord, Record, text_of
from tokenward.custody.ledger.ledger import Ledger
from tokenward.custody.ledger.reading import RecordQuery
from tokenward.model import TOKEN_NAME, Reference

_MOST_NAMES = 20
"""Names of one token that are followed."""


def begin_rename(ledger: Ledger, entry: Entry, folder: str, name: str, *, is_again: bool) -> int:
    """Announce a renaming before anything is stored; returns its id.

    Args:
        ledger: is told.
        entry: of the token.
        folder: its workspace.
        name: what it is to be called.
        is_again: it goes by that name too already, since an earlier renaming was not completed.
    """
    detail: dict[str, JSON] = {"to": name, "again": is_again}
    started = NewRecord(Event.RENAME_STARTED, entry.reference, entry.fingerprint, folder, None, detail)
    return ledger.record_start(started)


def end_rename(ledger: Ledger, number: int, name: str) -> bool:
    """Only the new name leads to the token; False when the renaming had ended already."""
    return ledger.record_outcome(queries.OPEN_RENAME, number, Event.RENAMED, {"to": name})


def undo_rename(ledger: Ledger, number: int, why: str) -> bool:
    """The old name leads to the token as before; False when the renaming had ended already."""
    return ledger.record_outcome(queries.OPEN_RENAME, number, Event.RENAME_UNDONE, {"why": why})


def open_renames(ledger: Ledger) -> tuple[tuple[Record, Reference, Reference], ...]:
    """The renamings whose process died in the middle, the oldest first; each with the old and the new name."""
    found = ledger.abandoned(queries.OPEN_RENAMES)
    named = ((record, record.reference, _other(record, "to")) for record in found)
    return tuple((record, old, new) for record, old, new in named if old is not None and new is not None)


def names_of(ledger: Ledger, reference: Reference) -> tuple[Reference, ...]:
    """A stored token's name and what it was called before, the present name first."""
    names, before = [reference], math.inf
    while len(names) < _MOST_NAMES:
        stored = [one for one in _all(ledger, Event.PUT, names[-1]) if one.id < before]
        earlier = _other(stored[-1], "from") if stored else None
        if earlier is None:
            break
        names.append(earlier)
        before = stored[-1].id
    return tuple(dict.fromkeys(names))


def own_names_of(
    ledger: Ledger, reference: Reference, stored: Collection[Reference]
) -> tuple[Reference, ...]:
    """The same without the names that other stored tokens go by now, whose history is theirs."""
    return tuple(name for name in names_of(ledger, reference) if name == reference or name not in stored)


def last_use(ledger: Ledger, names: Iterable[Reference]) -> datetime | None:
    """When something got a token for the last time, under any of its names; None for never."""
    uses = (ledger.last(Event.RESOLVED, name) for name in names)
    return max((used for used in uses if used is not None), default=None)


def later_names_of(ledger: Ledger, reference: Reference, since: int) -> tuple[Reference, ...]:
    """A name that a token had at a record of the ledger, and what it was called after, the last name last."""
    names, after = [reference], since
    while len(names) < _MOST_NAMES:
        renamed = [one for one in _all(ledger, Event.RENAMED, names[-1]) if one.id > after]
        later = _other(renamed[0], "to") if renamed else None
        if later is None:
            break
        names.append(later)
        after = renamed[0].id
    return tuple(names)


def last(ledger: Ledger, event: Event, reference: Reference) -> Record | None:
    """The last time that something happened to a reference; None when it never did."""
    wanted = RecordQuery(event.value, reference.workspace, reference.name, most=1)
    return next(iter(ledger.matching(wanted)), None)


def _all(ledger: Ledger, event: Event, reference: Reference) -> tuple[Record, ...]:
    return ledger.matching(RecordQuery(event.value, reference.workspace, reference.name))


def _other(record: Record | None, key: str) -> Reference | None:
    """The name that a record's detail has beside that of its reference."""
    if record is None or record.reference is None:
        return None
    name = text_of(record.detail, key)
    return Reference(record.reference.workspace, name) if TOKEN_NAME.fullmatch(name) else None
