"""The folders that running editors have open."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from tokenward.custody.leases.sessions import Sessions
from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY


class Editors:
    """The running editor sessions and their open folders. Every method may raise StateDamaged."""

    def __init__(self, path: Path, sessions: Sessions) -> None:
        self._database = Database(path, CUSTODY)
        self._sessions = sessions

    def opened(self, folders: Iterable[Path]) -> None:
        """Record the open folders of this process, a language server, and forget servers that have ended."""
        mine = self._sessions.editor()
        rows = [(mine, os.fsencode(os.path.realpath(folder))) for folder in folders]
        with self._database.write() as connection:
            marks = {mark for (mark,) in connection.execute("SELECT mark FROM editors")}
            over = [(mark,) for mark in marks if mark == mine or not self._sessions.is_alive(mark)]
            connection.executemany("DELETE FROM editors WHERE mark = ?", over)
            connection.executemany("INSERT OR REPLACE INTO editors VALUES (?, ?)", rows)

    def session_of(self, folder: Path) -> str | None:
        """Return the mark of an editor session in which a folder, or one around it, is open, or None."""
        with self._database.read() as connection:
            rows = connection.execute("SELECT mark, folder FROM editors ORDER BY rowid DESC").fetchall()
        real = Path(os.path.realpath(folder))
        marks = (mark for mark, opened in rows if real.is_relative_to(os.fsdecode(opened)))
        return next((mark for mark in marks if self._sessions.is_alive(mark)), None)
