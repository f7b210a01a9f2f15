"""The tables of Tokenward's own records. The n-th group of statements leads from version n - 1 to n."""

from __future__ import annotations

CUSTODY = (
    (
        """CREATE TABLE bindings (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            name TEXT NOT NULL UNIQUE,
            folder BLOB NOT NULL,
            bound TEXT NOT NULL
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
    ),
    (
        "ALTER TABLE bindings ADD COLUMN identity TEXT",
        """CREATE TABLE leases (
            workspace TEXT NOT NULL,
            name TEXT NOT NULL,
            expires TEXT,
            session TEXT,
            session_mark TEXT,
            uses INTEGER,
            programs TEXT NOT NULL,
            confirm TEXT NOT NULL,
            granted TEXT NOT NULL,
            PRIMARY KEY (workspace, name)
        )""",
        """CREATE TABLE approvals (
            workspace TEXT NOT NULL,
            name TEXT NOT NULL,
            session_mark TEXT NOT NULL,
            granted TEXT NOT NULL,
            PRIMARY KEY (workspace, name, session_mark)
        )""",
        "CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), latest TEXT NOT NULL)",
    ),
)

# Replacing a row deletes the old one without firing the delete trigger, so an insert may not meet one.
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
            detail TEXT NOT NULL
        )""",
        "CREATE INDEX records_by_move ON records (move, event)",
        "CREATE INDEX records_by_origin ON records (origin, event)",
        "CREATE INDEX records_by_event ON records (event) WHERE event = 'move_started'",
        """CREATE TRIGGER records_are_not_changed BEFORE UPDATE ON records
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        """CREATE TRIGGER records_are_not_deleted BEFORE DELETE ON records
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        """CREATE TRIGGER records_are_not_replaced BEFORE INSERT ON records
        WHEN EXISTS (SELECT 1 FROM records WHERE id = NEW.id)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
    ),
    ("CREATE INDEX revocations ON records (id) WHERE event = 'revocation_started'",),
)
