"""Queries on the ledger. A row whose content the retention removed has no event."""

from __future__ import annotations

from tokenward.custody.chain.chain import COLUMNS

_RECORD = "id, time, event, workspace, name, fingerprint, origin, pid, move, detail"

ALL = f"SELECT {_RECORD} FROM records WHERE event != '' ORDER BY id"  # noqa: S608

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

OPEN_MOVE = """SELECT workspace, name, fingerprint, origin FROM records AS started
    WHERE id = ? AND event = 'move_started' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = started.id AND event IN ('moved', 'move_undone'))"""

_IS_OPEN = "event = '{}_started' AND NOT EXISTS (SELECT 1 FROM records WHERE move = started.id)"
_ONE = f"SELECT workspace, name, fingerprint, origin FROM records AS started WHERE id = ? AND {_IS_OPEN}"  # noqa: S608
_ALL = f"SELECT {_RECORD}, process FROM records AS started WHERE {_IS_OPEN} ORDER BY id"  # noqa: S608
OPEN_REVOCATION, OPEN_REDACTION = map(_ONE.format, ("revocation", "redaction"))
OPEN_REVOCATIONS, OPEN_REDACTIONS = map(_ALL.format, ("revocation", "redaction"))

# The new name is `put` during the rename.
_RENAME_IS_OPEN = """event = 'rename_started' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = started.id AND event IN ('renamed', 'rename_undone'))"""

OPEN_RENAME = f"""SELECT workspace, name, fingerprint, origin FROM records AS started
    WHERE id = ? AND {_RENAME_IS_OPEN}"""  # noqa: S608

OPEN_RENAMES = f"""SELECT {_RECORD}, process FROM records AS started
    WHERE {_RENAME_IS_OPEN} ORDER BY id"""  # noqa: S608

OPEN_MOVES = """SELECT id, time, workspace, name, fingerprint, origin, pid, detail,
        EXISTS (SELECT 1 FROM records WHERE move = started.id AND event = 'stored'), process
    FROM records AS started
    WHERE event = 'move_started' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = started.id AND event IN ('moved', 'move_undone'))
    ORDER BY id"""

# A move that was repeated from the same text has nothing left to edit there.
_MOVE_MAY_EDIT = """event = 'move_started'
    AND NOT EXISTS (SELECT 1 FROM records WHERE move = started.id AND event IN ('moved', 'move_undone'))
    AND NOT EXISTS (SELECT 1 FROM records AS again WHERE again.workspace = started.workspace
        AND again.name = started.name AND again.event = 'moved' AND again.origin IS started.origin
        AND again.move > started.id)"""

# An open move counts whatever its age, because it may have edited its file.
RELIED_ON = f"""SELECT EXISTS (SELECT 1 FROM records AS started
    WHERE workspace = :workspace AND name = :name AND (
        (event IN ('moved', 'put') AND id > :move AND move IS NOT :move)
        OR (id != :move AND {_MOVE_MAY_EDIT})))"""  # noqa: S608

UNFINISHED = f"""SELECT EXISTS (SELECT 1 FROM records AS started WHERE workspace = :workspace AND (
    (name = :name AND {_MOVE_MAY_EDIT})
    OR (:name IN (name, json_extract(detail, '$.to')) AND {_RENAME_IS_OPEN})))"""  # noqa: S608

LAST_MOVED = f"""SELECT {_RECORD} FROM records AS moved
    WHERE origin = :origin AND event = 'moved' AND NOT EXISTS
        (SELECT 1 FROM records WHERE move = moved.move AND origin = :origin AND event = 'restored')
    ORDER BY id DESC"""  # noqa: S608

LAST = "SELECT time FROM records WHERE event = ? AND workspace = ? AND name = ? ORDER BY id DESC LIMIT 1"
