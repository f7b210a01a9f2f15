"""Keeper: who has the values where a process cannot have them by itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tokenward.model import Reference, Secret

if TYPE_CHECKING:
    from tokenward.operations.use import Use


class Keeper(Protocol):
    """Someone who finds out whether a use is allowed, tells the ledger of it, and gives the values."""

    def values(self, folder: Path, references: Collection[Reference], use: Use) -> Mapping[Reference, Secret]:
        """The values of all references.

        Raises:
            TokenwardError: one of them cannot be had; the text names which.
        """
