"""How long the ledger keeps what nothing depends on: as long as its user or administrator says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tokenward.custody.ledger.ledger import Ledger
from tokenward.settings import Settings


def keep_to_retention(ledger: Ledger, settings: Settings) -> int:
    """Remove the content of records that are older than the settings want; of how many.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    days = settings.ledger_retention_days
    return ledger.remove_old(datetime.now(UTC) - timedelta(days=days)) if days else 0
