"""Fingerprints, which are stored instead of tokens' values."""

from __future__ import annotations

import contextlib
import hmac
import os
from pathlib import Path

from tokenward.errors import StateDamaged
from tokenward.model import Fingerprint
from tokenward.places import shown
from tokenward.safe_files import create_private, is_private_file, unwritable

KEY_BYTES = 32


class Fingerprinter:
    """Computes fingerprints of values with a key that never leaves this machine."""

    __slots__ = ("_key",)

    def __init__(self, key: bytes) -> None:
        self._key = key

    def __call__(self, value: str) -> Fingerprint:
        digest = hmac.digest(self._key, value.encode("utf-8", "surrogatepass"), "sha256")
        return Fingerprint(digest.hex()[:32])


def load_key(path: Path) -> bytes:
    """Return the user's fingerprint key, created at the first call; racing processes get the same one.

    Raises:
        StateDamaged: it cannot be created, or the file is not this user's key.
    """
    try:
        if not is_private_file(path):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with contextlib.suppress(FileExistsError):
                create_private(path, os.urandom(KEY_BYTES))
            is_private_file(path)
        key = path.read_bytes()
    except OSError as error:
        raise unwritable(path, error) from None
    if len(key) != KEY_BYTES or not any(key):
        raise StateDamaged(
            "{path} is not a fingerprint key; move it away, and Tokenward creates a new one, to which "
            "every known token looks new",
            path=shown(path),
        )
    return key
