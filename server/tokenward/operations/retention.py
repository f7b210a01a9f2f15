"""Applies the user's or administrator's limit on how long the ledger keeps records that nothing depends on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tokenward.custody.ledger.ledger import Ledger
from tokenward.settings import Settings


def apply_retention(ledger: Ledger, settings: Settings) -> int:
    """Remove the content of records that the settings say are too old; return their number.

    Raises:
        StateDamaged: the ledger cannot be written.
    """
    days = settings.ledger_retention_days
    return ledger.remove_old(datetime.now(UTC) - timedelta(days=days)) if days else 0
