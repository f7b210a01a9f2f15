"""Rows from before a path had one spelling in the ledger: what their files are called now."""

from __future__ import annotations

import sqlite3

from tokenward.custody.ledger.reading import written_origin


def note_spellings(connection: sqlite3.Connection) -> None:
    """Note which files the rows mean that an earlier Tokenward wrote; the rows stay as they are, and chained."""
    found = connection.execute("SELECT origin, max(id) FROM records WHERE origin IS NOT NULL GROUP BY origin")
    spelled = [(origin, written_origin(origin), last) for origin, last in found.fetchall()]
    changed = [row for row in spelled if row[0] != row[1]]
    connection.executemany("INSERT INTO spellings VALUES (?, ?, ?)", changed)
