"""Inlay hints that say when a token expires."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.language import moment, said, span

_STEPS = 60
_SHORTEST, _LONGEST = 1.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Hint:
    """An inlay hint.

    Attributes:
        label: a few words.
        tooltip: the exact time, in a sentence.
        holds_for: the seconds for which the label stays correct; None for always.
    """

    label: str
    tooltip: str
    holds_for: float | None = None


def of_expiry(expires: int, now: float) -> Hint:
    """Return the hint for a token with an expiry; both times are in seconds since 1970."""
    if expires <= now:
        return Hint(said("expired"), said("This token expired on {time}.", time=moment(expires)))
    left = expires - now
    return Hint(
        said("expires in {span}", span=span(left)),
        said("This token expires on {time}.", time=moment(expires)),
        _holds_for(left),
    )


def _holds_for(left: float) -> float:
    return max(_SHORTEST, min(left, max(left / _STEPS, _STEPS), _LONGEST))
