"""Retention: removes the content of old rows that nothing depends on, and keeps the chain whole."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime

from tokenward.custody.chain.chain import COLUMNS, MOST_PRUNED, Chain, LedgerRow
from tokenward.custody.ledger.events import written_time
from tokenward.custody.ledger.queries import IS_OPEN


def remove_old(chain: Chain, before: datetime, written: LedgerRow) -> int:
    """Remove the content of the oldest rows from before a time and record which; return their number.

    `written` is the row that records it, without its detail.
    """
    connection, limit = chain.connection, written_time(before)
    # Otherwise the file would still contain the removed content.
    connection.execute("PRAGMA secure_delete = ON")
    found = connection.execute(_OLD, {"before": limit, "most": MOST_PRUNED}).fetchall()
    for number, *row in found:
        connection.execute(_EMPTY, (LedgerRow(*row).digest, number))
    if found:
        detail = {"before": limit, "rows": _ranges([number for number, *_ in found])}
        chain.append(written._replace(detail=json.dumps(detail)))
    return len(found)


def _ranges(numbers: Sequence[int]) -> list[list[int]]:
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and ranges[-1][1] == number - 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    return ranges


_EMPTY = """UPDATE records SET time = '', event = '', workspace = NULL, name = NULL, fingerprint = NULL,
    origin = NULL, pid = 0, process = NULL, move = NULL, detail = ? WHERE id = ?"""

# These stay, in order: the retention's own rows; rows whose start is still there, so that no end goes before its
# beginning; an open action; a move that can be restored; the last row of each event of a
# stored token; and the sighting of a token that is still where it was seen.
_OLD = f"""SELECT id, {COLUMNS} FROM records AS old
    WHERE event != '' AND time < :before AND event != 'pruned'
    AND NOT EXISTS (SELECT 1 FROM records WHERE id = old.move
        AND event GLOB '*_started')
    AND NOT ({IS_OPEN})
    AND NOT (event = 'moved' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = old.move AND origin = old.origin AND event = 'restored'))
    AND NOT (name IS NOT NULL AND event IN ('put', 'moved', 'resolved', 'leased', 'checked', 'revoked')
        AND NOT EXISTS (SELECT 1 FROM records WHERE workspace = old.workspace AND name = old.name AND id > old.id
            AND event IN (old.event, 'removed', 'renamed')))
    AND NOT (event = 'found' AND json_extract(detail, '$.surface') IS NOT 'terminal' AND NOT EXISTS
        (SELECT 1 FROM records WHERE origin = old.origin AND fingerprint = old.fingerprint AND id > old.id
            AND event IN ('found', 'withdrawn')))
    ORDER BY id LIMIT :most"""  # noqa: S608
