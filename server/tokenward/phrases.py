"""Counts, moments and spans of time in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from tokenward.language import said

_UNITS = (
    (365.25 * 86_400, "year"),
    (30.44 * 86_400, "month"),
    (86_400, "day"),
    (3_600, "hour"),
    (60, "minute"),
)
_ENOUGH = 1.95
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def counted(count: int, noun: str) -> str:
    """Return a count with its noun, such as `1 token` or `2,000 tokens`."""
    return said(f"{{count}} {noun}{'' if count == 1 else 's'}", count=f"{count:,}")


def exposed(tokens: int, places: int) -> str:
    """Return how many tokens are exposed, and in how many places if those are more: `6 tokens (11 places)`."""
    words = counted(tokens, "token") if tokens else said("no tokens")
    return words if places == tokens else f"{words} ({counted(places, 'place')})"


def either(names: Sequence[str]) -> str:
    """Return alternatives for a sentence, such as `a, b or c`."""
    first = ", ".join(names[:-1])
    return said("{names} or {last}", names=first, last=names[-1]) if first else names[0]


def listed(names: Sequence[str], most: int | None = None) -> str:
    """Return names for a sentence, such as `a, b and c`; of more than `most`, the rest is a number."""
    named = list(names[:most])
    if len(names) > len(named):
        named.append(said("{count} more", count=f"{len(names) - len(named):,}"))
    first = ", ".join(named[:-1])
    return said("{names} and {last}", names=first, last=named[-1]) if first else "".join(named)


def moment(time: float) -> str:
    """Return a time in seconds since 1970 as a text such as `2026-11-25 at 15:00 UTC`."""
    try:
        at = _EPOCH + timedelta(seconds=time)
    except OverflowError:
        return said("a day that no calendar has")
    return said("{day} at {time} UTC", day=f"{at:%Y-%m-%d}", time=f"{at:%H:%M}")


def span(seconds: float) -> str:
    """Return a duration such as `3 hours`, in the largest unit of which there are two or more."""
    for unit, noun in _UNITS:
        if seconds / unit > _ENOUGH or (noun == "minute" and seconds / unit >= 1):
            return counted(round(seconds / unit), noun)
    return said("less than a minute")


def ago(time: float, now: float) -> str:
    """Return a past time such as `2 days ago, on 2026-11-23 at 15:00 UTC`."""
    return said("{span} ago, on {moment}", span=span(now - time), moment=moment(time))


def ahead(time: float, now: float) -> str:
    """Return a future time such as `in 3 hours, on 2026-11-25 at 15:00 UTC`."""
    return said("in {span}, on {moment}", span=span(time - now), moment=moment(time))
