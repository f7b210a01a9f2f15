"""MemoryVault: a vault that forgets its values when the process ends."""

from __future__ import annotations

from tokenward.model import Reference, Secret
from tokenward.vault.vault import StoringVault


class MemoryVault(StoringVault):
    """Keeps values in this object only."""

    description = "memory"

    def __init__(self) -> None:
        self._entries: dict[Reference, Secret] = {}

    def get(self, reference: Reference) -> Secret | None:
        return self._entries.get(reference)

    def delete(self, reference: Reference) -> bool:
        return self._entries.pop(reference, None) is not None

    def references(self) -> frozenset[Reference]:
        return frozenset(self._entries)

    def _create(self, reference: Reference, secret: Secret) -> None:
        self._entries[reference] = secret
