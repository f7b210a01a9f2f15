"""The tables of Tokenward's own records, and queries on them.

Tables are groups of statements: the first makes them, each other migrates them. A row whose content the retention
removed has no event.
"""

from __future__ import annotations

from tokenward.custody.chain.chain import COLUMNS

STORES_BEGUN = "event IN ('put_started', 'replace_started')"
"""The condition of an index, which SQLite uses only for queries that repeat it."""
OF_OUTPUTS = "event IN ('part_hidden', 'withheld', 'lifted')"
"""The condition of another."""
CUSTODY = (
    (
        """CREATE TABLE bindings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            folder BLOB NOT NULL,
            bound TEXT NOT NULL,
            identity TEXT
        )""",
        """CREATE TABLE entries (
            workspace TEXT NOT NULL,
            name TEXT NOT NULL,
            fingerprint TEXT NOT NULL,
            provider TEXT NOT NULL,
            created TEXT NOT NULL,
            PRIMARY KEY (workspace, name)
        )""",
        "CREATE INDEX entries_by_fingerprint ON entries (workspace, fingerprint)",
        # Nothing reads `erases` and `seen_over`, nor `ticked`, `uptime` and `boot` of the clock.
        """CREATE TABLE leases (
            workspace TEXT NOT NULL,
            name TEXT NOT NULL,
            expires INTEGER,
            session TEXT,
            session_mark TEXT NOT NULL,
            uses INTEGER,
            programs TEXT NOT NULL,
            confirm TEXT NOT NULL,
            erases INTEGER NOT NULL,
            seen_over INTEGER,
            starters TEXT NOT NULL DEFAULT '[]',
            PRIMARY KEY (workspace, name)
        )""",
        """CREATE TABLE approvals (
            workspace TEXT NOT NULL,
            name TEXT NOT NULL,
            purpose TEXT NOT NULL,
            session_mark TEXT NOT NULL,
            PRIMARY KEY (workspace, name, purpose, session_mark)
        )""",
        "CREATE TABLE editors (mark TEXT NOT NULL, folder BLOB NOT NULL, PRIMARY KEY (mark, folder))",
        """CREATE TABLE clock (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            latest INTEGER NOT NULL,
            ticked INTEGER NOT NULL,
            uptime INTEGER NOT NULL,
            boot TEXT NOT NULL
        )""",
        """CREATE TABLE credentials (
            workspace TEXT NOT NULL,
            scheme TEXT NOT NULL,
            host TEXT NOT NULL,
            port INTEGER NOT NULL,
            path TEXT NOT NULL,
            user TEXT NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (workspace, scheme, host, port, path, user)
        )""",
    ),
    ("ALTER TABLE leases ADD COLUMN hosts TEXT NOT NULL DEFAULT '[]'",),
)

# Replacing a row deletes the old one without firing the delete trigger, so an insert must not replace one.
LEDGER = (
    (
        """CREATE TABLE records (
            id INTEGER PRIMARY KEY AUTOINCREMENT CHECK (id > 0),
            time TEXT NOT NULL,
            event TEXT NOT NULL,
            workspace TEXT,
            name TEXT,
            fingerprint TEXT,
            origin TEXT,
            pid INTEGER NOT NULL,
            process INTEGER,
            move INTEGER REFERENCES records (id),
            detail TEXT NOT NULL,
            hash BLOB
        )""",
        "CREATE INDEX records_by_move ON records (move, event)",
        "CREATE INDEX records_by_origin ON records (origin, event)",
        "CREATE INDEX records_by_event ON records (event) WHERE event = 'move_started'",
        # The retention may replace a row's content with its digest; the hash still fits.
        """CREATE TRIGGER records_are_not_changed BEFORE UPDATE ON records
        WHEN NOT (NEW.id = OLD.id AND NEW.hash IS OLD.hash AND OLD.event NOT IN ('', 'pruned')
            AND NEW.event = '' AND NEW.time = '' AND NEW.pid = 0 AND length(NEW.detail) = 64 AND coalesce(
            NEW.workspace, NEW.name, NEW.fingerprint, NEW.origin, NEW.process, NEW.move) IS NULL)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        """CREATE TRIGGER records_are_not_deleted BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        """CREATE TRIGGER records_are_not_replaced BEFORE INSERT ON records
        WHEN EXISTS (SELECT 1 FROM records WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        "CREATE INDEX revocations ON records (id) WHERE event = 'revocation_started'",
        "CREATE INDEX records_by_time ON records (time) WHERE event != ''",
        "CREATE INDEX records_by_reference ON records (workspace, name, event) WHERE name IS NOT NULL",
        """CREATE INDEX records_by_place ON records (origin, fingerprint)
            WHERE event IN ('found', 'withdrawn')""",
        f"CREATE INDEX records_of_stores ON records (event, id) WHERE {STORES_BEGUN}",
        f"CREATE INDEX records_of_outputs ON records (event, fingerprint, time) WHERE {OF_OUTPUTS}",
    ),
)
LEDGER_TRIGGERS = {
    statement.split()[2]: statement
    for group in LEDGER
    for statement in group
    if statement.startswith("CREATE TRIGGER")
}
"""The triggers that guard the ledger, by name."""
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


_NOT_LIFTED = f"""{OF_OUTPUTS}
    AND id > (SELECT coalesce(max(id), 0) FROM records WHERE {OF_OUTPUTS} AND event = 'lifted')"""  # noqa: S608


WITHHELD = f"""SELECT DISTINCT json_extract(detail, '$.agent') FROM records
    WHERE event = 'withheld' AND {_NOT_LIFTED}"""  # noqa: S608


HIDDEN_PARTS = f"""SELECT count(*) FROM records
    WHERE event = 'part_hidden' AND fingerprint = ? AND time >= ? AND {_NOT_LIFTED}"""  # noqa: S608


LAST = f"""SELECT {_RECORD} FROM records WHERE event = ? AND workspace = ? AND name = ?
    ORDER BY id DESC LIMIT 1"""  # noqa: S608
