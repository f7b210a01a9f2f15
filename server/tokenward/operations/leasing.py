"""permit: whether the leases of tokens allow a use."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.use import Use


def permit(context: Context, folder: Path, references: Collection[Reference], use: Use) -> None:
    """Return only if every lease allows the use; one that is counted is then spent.

    Raises:
        LeaseRefused: a lease does not; the ledger tells of it.
    """
