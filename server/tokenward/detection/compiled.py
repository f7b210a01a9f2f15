"""The compiled rules that a package brings, and where a user's are kept."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path

from tokenward.places import make_private_folder
from tokenward.safe_files import replace_private

BROUGHT = Path(__file__).parents[1] / "compiled"
"""Compiled for the engine beside which the package is installed; empty where it was built without one."""
TABLE = ".screen.json"
"""The end of the name of the table that completes compiled rules; the rest is their identity."""
_UNUSED = 60 * 24 * 3600.0
"""Seconds after which compiled rules are removed that nothing has read."""


def table_of(folder: Path, identity: str) -> Path:
    """Return the file that is written last, once all rules of an identity are compiled."""
    return folder / f"{identity}{TABLE}"


def bring(rules_cache: Path, identity: str) -> None:
    """Copy the package's compiled rules to the user's, unless they are there or for another engine; never fail.

    The engine loads none that somebody else owns or can change, as those of an installed package may be.
    """
    table = table_of(BROUGHT, identity)
    if table_of(rules_cache, identity).exists() or not table.exists():
        return
    with suppress(OSError):
        make_private_folder(rules_cache)
        # The table last, which says that the others are there.
        for file in sorted(BROUGHT.glob("*.*"), key=table.__eq__):
            replace_private(rules_cache / file.name, file.read_bytes(), durable=False)
        remove_unused(rules_cache)


def remove_unused(rules_cache: Path) -> None:
    """Remove compiled rules that no start has read for a long time, such as an earlier version's."""
    for entry in os.scandir(rules_cache):
        with suppress(OSError):
            status = entry.stat()
            if max(status.st_atime, status.st_mtime) < time.time() - _UNUSED:
                Path(entry).unlink()
