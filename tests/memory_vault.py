"""MemoryVault: a vault that forgets its values when the process ends."""

from __future__ import annotations

from collections.abc import Sequence

from tokenward.model import Reference, Secret
from tokenward.vault.vault import PutOutcome, StoringVault, is_new, one_by_one


class MemoryVault(StoringVault):
    """Keeps values in this object only."""

    description = "memory"

    def __init__(self) -> None:
        self._entries: dict[Reference, Secret] = {}

    def get(self, reference: Reference) -> Secret | None:
        return self._entries.get(reference)

    def put(self, reference: Reference, secret: Secret) -> bool:
        return is_new(super().put_all([(reference, secret)]))

    def put_all(self, values: Sequence[tuple[Reference, Secret]]) -> list[PutOutcome]:
        # With `put`, which tests replace by one that fails.
        return one_by_one(self.put, values)

    def delete(self, reference: Reference) -> bool:
        return self._entries.pop(reference, None) is not None

    def references(self) -> frozenset[Reference]:
        return frozenset(self._entries)

    def _create(self, reference: Reference, secret: Secret) -> None:
        self._entries[reference] = secret
