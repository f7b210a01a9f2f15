"""Moves and renamings that have not ended, and whose reference may still get into a file."""

from __future__ import annotations

from tokenward.custody.ledger import queries
from tokenward.custody.ledger.events import Event
from tokenward.custody.ledger.ledger import Ledger
from tokenward.model import Reference


def is_unfinished(ledger: Ledger, reference: Reference) -> bool:
    """Whether a move or a renaming that has not ended may be about to write the reference into a file."""
    return ledger.finds(queries.UNFINISHED, reference)


def decline_move(ledger: Ledger, move_id: int) -> None:
    """Note that an editor declined a move's edit, which may still come, so that the move stays open."""
    ledger.follow(queries.OPEN_MOVE, move_id, Event.MOVE_DECLINED, {})
