"""How long the ledger keeps the records that nothing depends on, as its user or administrator decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tokenward.custody.ledger.ledger import Ledger
from tokenward.settings import Settings


def apply_retention(ledger: Ledger, settings: Settings) -> int:
    """Remove the content of records that are older than the settings want; return how many there were.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    days = settings.ledger_retention_days
    return ledger.remove_old(datetime.now(UTC) - timedelta(days=days)) if days else 0
