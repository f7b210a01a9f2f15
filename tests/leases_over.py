"""Passing time for leases whose tokens are to be erased."""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from tokenward.custody.leases.leases import GRACE


def an_hour_passes(custody: Path) -> None:
    """Backdate every ended lease, so that its token may be erased now."""
    with contextlib.closing(sqlite3.connect(custody)) as connection, connection:
        connection.execute("UPDATE leases SET seen_over = seen_over - ?", (GRACE,))
