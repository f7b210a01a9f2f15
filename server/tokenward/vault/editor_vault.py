"""EditorVault: the secret storage of an editor, for a machine without a keyring."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from tokenward.errors import VaultForgetful, VaultUnavailable
from tokenward.model import Reference, Secret
from tokenward.vault.file_lock import hold_file_lock
from tokenward.vault.vault import StoringVault

DESCRIPTION = "the editor's secret storage"
_SURROGATE = re.compile("[\ud800-\udfff]")


class Storage(Protocol):
    """An editor's secret storage; every method may raise a VaultError and nothing else."""

    def get(self, key: str) -> object:
        """Return the value under a key, or None; an editor may answer anything."""

    def store(self, key: str, value: str) -> None:
        """Store a text under a key, replacing any other."""

    def delete(self, key: str) -> None:
        """Delete the text under a key, if any."""


class EditorVault(StoringVault):
    """Stores values in an editor, and reads back everything that the editor claims to have stored.

    Reads need no lock, because a storage answers each one atomically.
    """

    description = DESCRIPTION

    def __init__(self, storage: Storage, lock: Path, patience: float) -> None:
        self._storage = storage
        self._lock = lock
        self._patience = patience

    def get(self, reference: Reference) -> Secret | None:
        value = self._storage.get(reference.service)
        if value is None:
            return None
        if not isinstance(value, str) or _SURROGATE.search(value):
            raise VaultUnavailable(
                "The editor returned something other than text for {reference}; start it again, and report "
                "this if it happens again.",
                reference=reference,
            )
        return Secret(value)

    def delete(self, reference: Reference) -> bool:
        with self._turn():
            if self.get(reference) is None:
                return False
            self._storage.delete(reference.service)
            if self.get(reference) is not None:
                raise VaultForgetful("The editor did not delete {reference}; try again.", reference=reference)
            return True

    def _turn(self) -> AbstractContextManager[None]:
        return hold_file_lock(self._lock, self._patience)

    def _create(self, reference: Reference, secret: Secret) -> None:
        self._storage.store(reference.service, secret.reveal())
