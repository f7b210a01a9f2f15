"""Moves and renamings that have not ended, and whose reference may still get into a file."""

from __future__ import annotations

from tokenward.custody import ledger_queries as queries
from tokenward.custody.ledger import Event, Ledger
from tokenward.model import Reference


def is_unfinished(ledger: Ledger, reference: Reference) -> bool:
    """Whether a move or a renaming that has not ended may be about to write the reference into a file."""
    return ledger.finds(queries.UNFINISHED, reference)


def decline_move(ledger: Ledger, move_id: int, reference: Reference, *, made: bool) -> None:
    """Note that an editor declined a move's edit, which may still come, so that the move stays open.

    Args:
        ledger: is told.
        move_id: of the move.
        reference: that it was to leave.
        made: it put the value into the vault; one that was declined before may have, too.
    """
    made = made or is_left_over(ledger, reference)
    ledger.follow(queries.OPEN_MOVE, move_id, Event.MOVE_DECLINED, {"made": made})


def is_left_over(ledger: Ledger, reference: Reference) -> bool:
    """Whether an open move was declined that put the reference's value into the vault."""
    return ledger.finds(queries.LEFT_OVER, reference)
