"""One event of the ledger as a line for people."""

from __future__ import annotations

from collections.abc import Iterator

from tokenward.custody.ledger.events import Record
from tokenward.places import shown

_TOLD = ("provider", "label", "purpose", "program", "command", "agent", "why", "outcome", "by")
"""What of an event's detail says most, in this order."""
_LONGEST = 120


def line(record: Record) -> str:
    """When, what, to which token, where, and what more is known of it."""
    time = record.time.strftime("%Y-%m-%d %H:%M:%S")
    cells = [f"{time}  {record.event.value:<18}  {_token(record)}"]
    if record.origin:
        cells.append(shown(record.origin) + _place(record))
    return "  ".join([*cells, *_details(record)])


def _token(record: Record) -> str:
    if record.reference is not None:
        return str(record.reference)
    return f"token {record.fingerprint[:8]}" if record.fingerprint else "-"


def _place(record: Record) -> str:
    number = record.detail.get("line")
    return f":{number}" if isinstance(number, int) else ""


def _details(record: Record) -> Iterator[str]:
    for name in _TOLD:
        value = record.detail.get(name)
        if isinstance(value, str) and value:
            yield f"{name}={shown(value)[:_LONGEST]}"
