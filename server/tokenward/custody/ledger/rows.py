"""What happened, as a row of the ledger."""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from tokenward.custody.ledger.chain import Row
from tokenward.custody.ledger.reading import written_origin, written_time

if TYPE_CHECKING:
    from tokenward.custody.ledger.ledger import Happening


def row_of(happening: Happening, process: int | None = None) -> Row:
    """The row that is written now; `process` marks the one that announces it."""
    reference, origin = happening.reference, happening.origin
    return Row(
        written_time(datetime.now(UTC)),
        happening.event.value,
        reference.workspace if reference else None,
        reference.name if reference else None,
        happening.fingerprint,
        origin and written_origin(origin),
        os.getpid(),
        process,
        happening.move,
        json.dumps(happening.detail),
    )
