"""The tables of Tokenward's own records. The n-th group of steps migrates from version n - 1 to n."""

from __future__ import annotations

import sqlite3

from tokenward.custody.chain.chain import link_all
from tokenward.custody.ledger.reading import written_origin


def _note_spellings(connection: sqlite3.Connection) -> None:
    """Note the canonical paths of files in older rows, which stay unchanged because they are chained."""
    found = connection.execute("SELECT origin, max(id) FROM records WHERE origin IS NOT NULL GROUP BY origin")
    spelled = [(origin, written_origin(origin), last) for origin, last in found.fetchall()]
    changed = [row for row in spelled if row[0] != row[1]]
    connection.executemany("INSERT INTO spellings VALUES (?, ?, ?)", changed)


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
            expires INTEGER,
            session TEXT,
            session_mark TEXT NOT NULL,
            uses INTEGER,
            programs TEXT NOT NULL,
            confirm TEXT NOT NULL,
            erases INTEGER NOT NULL,
            PRIMARY KEY (workspace, name)
        )""",
        """CREATE TABLE approvals (
            workspace TEXT NOT NULL,
            name TEXT NOT NULL,
            purpose TEXT NOT NULL,
            session_mark TEXT NOT NULL,
            PRIMARY KEY (workspace, name, purpose, session_mark)
        )""",
        "CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), latest INTEGER NOT NULL, leapt INTEGER NOT NULL)",
        "CREATE TABLE editors (mark TEXT NOT NULL, folder BLOB NOT NULL, PRIMARY KEY (mark, folder))",
    ),
    (
        # Earlier versions decided by themselves which leases delete their token, so none counts as a person's choice.
        "UPDATE leases SET erases = 0",
        # The uptime in seconds at which an erasing lease was first seen to be over.
        "ALTER TABLE leases ADD COLUMN seen_over INTEGER",
        "DROP TABLE clock",
        """CREATE TABLE clock (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            latest INTEGER NOT NULL,
            ticked INTEGER NOT NULL,
            uptime INTEGER NOT NULL,
            boot TEXT NOT NULL
        )""",
    ),
    (
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
    (
        "ALTER TABLE records ADD COLUMN hash BLOB",
        "DROP TRIGGER records_are_not_changed",
        link_all,
        # The retention may replace a row's content with its digest; the hash still fits.
        """CREATE TRIGGER records_are_not_changed BEFORE UPDATE ON records
        WHEN NOT (NEW.id = OLD.id AND NEW.hash IS OLD.hash AND OLD.event NOT IN ('', 'pruned')
            AND NEW.event = '' AND NEW.time = '' AND NEW.pid = 0 AND length(NEW.detail) = 64 AND coalesce(
            NEW.workspace, NEW.name, NEW.fingerprint, NEW.origin, NEW.process, NEW.move) IS NULL)
        BEGIN SELECT RAISE(ABORT, 'the ledger is append-only'); END""",
        "CREATE INDEX records_by_time ON records (time) WHERE event != ''",
        "CREATE INDEX records_by_reference ON records (workspace, name, event) WHERE name IS NOT NULL",
        """CREATE INDEX records_by_place ON records (origin, fingerprint)
            WHERE event IN ('found', 'withdrawn')""",
    ),
    (
        "CREATE TABLE spellings (written TEXT PRIMARY KEY, place TEXT NOT NULL, last INTEGER NOT NULL)",
        "CREATE INDEX spellings_by_place ON spellings (place)",
        _note_spellings,
    ),
)

_TRIGGERS = [
    statement
    for group in LEDGER
    for statement in group
    if isinstance(statement, str) and statement.startswith("CREATE TRIGGER")
]
LEDGER_TRIGGERS = {statement.split()[2]: statement for statement in _TRIGGERS}
"""The triggers that guard the ledger by name, each in its latest form."""
