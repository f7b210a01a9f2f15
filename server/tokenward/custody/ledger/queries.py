"""Queries on the ledger. A row whose content the retention removed has no event."""

from __future__ import annotations

from tokenward.custody.chain.chain import COLUMNS
from tokenward.custody.ledger.schema import STORES_BEGUN

_RECORD = "id, time, event, workspace, name, fingerprint, origin, pid, move, detail"

NEWEST_OF_EACH = f"""SELECT {_RECORD} FROM records WHERE id IN
    (SELECT max(id) FROM records WHERE name IS NOT NULL GROUP BY workspace, name, event)"""  # noqa: S608

MATCHING = f"""SELECT {_RECORD} FROM records WHERE event != ''
    AND (:event IS NULL OR event = :event) AND (:since IS NULL OR time >= :since)
    AND (NOT :by_agents OR json_extract(detail, '$.agent') IS NOT NULL)
    AND (:workspace IS NULL OR workspace = :workspace) AND (:name IS NULL OR name = :name)
    ORDER BY id DESC LIMIT :most"""  # noqa: S608

CHAINED = f"""SELECT id, hash, (SELECT hash FROM records WHERE id < this.id ORDER BY id DESC LIMIT 1), {COLUMNS}
    FROM records AS this WHERE id > :after AND (:since IS NULL OR time >= :since)
    ORDER BY id LIMIT :most"""  # noqa: S608

# The columns beside max() come from the row with the maximum.
PRESENT_TOKENS = """SELECT origin, fingerprint, event, json_extract(detail, '$.surface'), max(id) FROM records
    WHERE event IN ('found', 'withdrawn') AND fingerprint IS NOT NULL AND origin >= :first AND origin < :end
    GROUP BY origin, fingerprint"""

_OUTCOMES = {
    "move": "AND event IN ('moved', 'move_undone')",
    # The new name is `put` during the rename.
    "rename": "AND event IN ('renamed', 'rename_undone')",
    "revocation": "",
    "redaction": "",
    "put": "",
    "replace": "",
}
"""The events that end each kind of action; without any, every row that belongs to it does."""


def _is_open(action: str, row: str) -> str:
    """Return the condition that a row of a table by this name starts an action that has no outcome."""
    outcomes = f"SELECT 1 FROM records WHERE move = {row}.id {_OUTCOMES[action]}"  # noqa: S608
    return f"({row}.event = '{action}_started' AND NOT EXISTS ({outcomes}))"


OPEN_MOVE, OPEN_RENAME, OPEN_REVOCATION, OPEN_REDACTION, OPEN_PUT, OPEN_REPLACE = (
    f"""SELECT workspace, name, fingerprint, origin FROM records AS started
    WHERE id = ? AND {_is_open(action, "started")}"""  # noqa: S608
    for action in _OUTCOMES
)
OPEN_MOVES, OPEN_RENAMES, OPEN_REVOCATIONS, OPEN_REDACTIONS, *_ = (
    f"SELECT {_RECORD}, process FROM records AS started WHERE {_is_open(action, 'started')} ORDER BY id"  # noqa: S608
    for action in _OUTCOMES
)
_OPEN_STORES = f"""SELECT {_RECORD} FROM records AS started WHERE {STORES_BEGUN} AND event IN {{}}
    AND NOT EXISTS (SELECT 1 FROM records WHERE move = started.id) ORDER BY id"""  # noqa: S608
OPEN_STORES = _OPEN_STORES.format("('put_started', 'replace_started')")
OPEN_REPLACEMENTS = _OPEN_STORES.format("('replace_started')")
IS_OPEN = " OR ".join(_is_open(action, "old") for action in _OUTCOMES)
"""The condition that a row of a table called `old` starts an action that has no outcome."""

# A move that was repeated from the same text has nothing left to edit there.
_MOVE_MAY_EDIT = f"""{_is_open("move", "started")}
    AND NOT EXISTS (SELECT 1 FROM records AS again WHERE again.workspace = started.workspace
        AND again.name = started.name AND again.event = 'moved' AND again.origin IS started.origin
        AND again.move > started.id)"""  # noqa: S608

# An open move counts whatever its age, because it may have edited its file.
RELIED_ON = f"""SELECT EXISTS (SELECT 1 FROM records AS started
    WHERE workspace = :workspace AND name = :name AND (
        (event IN ('moved', 'put') AND id > :move AND move IS NOT :move)
        OR (id != :move AND {_MOVE_MAY_EDIT})))"""  # noqa: S608

BEING_MOVED = f"""SELECT EXISTS (SELECT 1 FROM records AS started
    WHERE workspace = :workspace AND name = :name AND {_MOVE_MAY_EDIT})"""  # noqa: S608

UNFINISHED = f"""SELECT EXISTS (SELECT 1 FROM records AS started WHERE workspace = :workspace AND (
    (name = :name AND {_MOVE_MAY_EDIT})
    OR (:name IN (name, json_extract(detail, '$.to')) AND {_is_open("rename", "started")})))"""  # noqa: S608

LAST_MOVED = f"""SELECT {_RECORD} FROM records AS moved
    WHERE origin = :origin AND event = 'moved' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = moved.move AND origin = :origin AND event = 'restored')
    ORDER BY id DESC"""  # noqa: S608

LAST = f"""SELECT {_RECORD} FROM records WHERE event = ? AND workspace = ? AND name = ?
    ORDER BY id DESC LIMIT 1"""  # noqa: S608
