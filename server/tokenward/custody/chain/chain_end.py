"""The last link of the chain, noted beside the ledger to detect rows removed from its end."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

from tokenward.custody.chain.chain import ChainLink
from tokenward.custody.store.private_file import ensure_private_file, is_private_file
from tokenward.errors import StateDamaged


class ChainEnd:
    """A small file that may be behind the ledger, but is never ahead of it.

    It is overwritten after the row is on the disk: a line of fixed length with its own checksum. A crash
    leaves the previous line; a half-written line is ignored.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> ChainLink | None:
        """Return the last noted row; None if it is missing or unreadable."""
        with contextlib.suppress(OSError, StateDamaged, ValueError):
            if is_private_file(self.path):
                number, hash_, check = self.path.read_text("ascii").split()
                link = ChainLink(int(number), bytes.fromhex(hash_))
                return link if check == _checksum(link) else None
        return None

    def note(self, link: ChainLink) -> None:
        """Note the last row unless a later one is noted; a failure does not undo what was recorded."""
        known = self.read()
        if known is not None and known.id >= link.id:
            return
        with contextlib.suppress(OSError, StateDamaged):
            ensure_private_file(self.path)
            descriptor = os.open(self.path, os.O_WRONLY | getattr(os, "O_NOFOLLOW", 0))
            try:
                length = os.write(descriptor, f"{link.id:020} {link.hash.hex()} {_checksum(link)}\n".encode())
                os.ftruncate(descriptor, length)
            finally:
                os.close(descriptor)


def _checksum(link: ChainLink) -> str:
    return hashlib.sha256(f"{link.id} {link.hash.hex()}".encode()).hexdigest()[:16]
