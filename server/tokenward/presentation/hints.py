"""Inlay hints that say when a token or a lease ends."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.language import said
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import Terms
from tokenward.phrases import moment, span
from tokenward.presentation.leases import note

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


def of_lease(reference: Reference, terms: Terms, now: float) -> Hint | None:
    """Return the hint for a reference; None if its lease has neither ended nor an end time."""
    if terms.over:
        return Hint(said("lease has ended"), note(reference, terms, now))
    if terms.expires is None:
        return None
    left = terms.expires - now
    tooltip = said("The lease of {name} ends on {time}.", name=reference.name, time=moment(terms.expires))
    return Hint(said("lease ends in {span}", span=span(left)), tooltip, _holds_for(left))


def _holds_for(left: float) -> float:
    return max(_SHORTEST, min(left, max(left / _STEPS, _STEPS), _LONGEST))
