"""Reading the details of a record, of which none can be relied on to be there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from tokenward.custody.ledger.events import JSON


def text_of(detail: Mapping[str, JSON], name: str) -> str:
    """A text; empty when there is none."""
    text = detail.get(name)
    return text if isinstance(text, str) else ""


def texts_of(detail: Mapping[str, JSON], name: str) -> Sequence[str]:
    """The texts of a list; empty when there is none."""
    texts = detail.get(name)
    return [text for text in texts if isinstance(text, str)] if isinstance(texts, list | tuple) else []


def moment_of(written: JSON) -> datetime | None:
    """A time as details have it: seconds since 1970, or in ISO's spelling; None for anything else."""
    try:
        if isinstance(written, str):
            read = datetime.fromisoformat(written)
            return read if read.tzinfo else read.replace(tzinfo=UTC)
        if isinstance(written, int | float) and not isinstance(written, bool):
            return datetime.fromtimestamp(written, UTC)
    except (ValueError, OverflowError, OSError):
        pass
    return None
