"""The tables of Tokenward's own records, as groups of statements: the first makes them, each other migrates them."""

from __future__ import annotations

STORES_BEGUN = "event IN ('put_started', 'replace_started')"
"""The condition of an index, which SQLite uses only for queries that repeat it."""

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
    ),
)

LEDGER_TRIGGERS = {
    statement.split()[2]: statement
    for group in LEDGER
    for statement in group
    if statement.startswith("CREATE TRIGGER")
}
"""The triggers that guard the ledger, by name."""
