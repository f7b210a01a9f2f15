"""MemoryVault: a vault that forgets its values when the process ends."""

from __future__ import annotations

from tokenward.model import Reference, Secret
from tokenward.vault.storing import store_new, store_over


class MemoryVault:
    """Keeps values in this object only."""

    description = "memory"

    def __init__(self) -> None:
        self._entries: dict[Reference, Secret] = {}

    def get(self, reference: Reference) -> Secret | None:
        return self._entries.get(reference)

    def put(self, reference: Reference, secret: Secret) -> bool:
        return store_new(reference, secret, read=self.get, write=self._entries.__setitem__)

    def replace(self, reference: Reference, secret: Secret) -> None:
        store_over(reference, secret, read=self.get, write=self._entries.__setitem__)

    def delete(self, reference: Reference) -> bool:
        return self._entries.pop(reference, None) is not None

    def set_persistence(self, reference: Reference, *, lasting: bool) -> bool:
        return False
