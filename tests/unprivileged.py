"""Dropping privileges, so that file permissions apply even if the tests run as the superuser."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NOBODY = 65_534


def can_become(user: int) -> bool:
    """Return whether this process can take on another user's id, which a namespace may not know."""
    if os.geteuid() != 0:
        return False
    known = Path("/proc/self/uid_map")
    maps = known.read_text().splitlines() if known.exists() else ["0 0 4294967295"]
    return any(int(first) <= user < int(first) + int(count) for first, _, count in map(str.split, maps))


@contextmanager
def place_of_somebody() -> Iterator[Path]:
    """Yield a folder that every user may enter."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


@contextmanager
def bound_by_permissions() -> Iterator[None]:
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)
