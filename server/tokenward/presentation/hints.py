"""When a token or a lease ends, in the few words that stand behind it."""

from __future__ import annotations

from dataclasses import dataclass

from tokenward.model import Reference
from tokenward.operations.access.lease_terms import Terms
from tokenward.phrases import moment, span
from tokenward.presentation.leases import note

_STEPS = 60
_SHORTEST, _LONGEST = 1.0, 3_600.0


@dataclass(frozen=True, slots=True)
class Hint:
    """What is said behind something that ends.

    Attributes:
        label: it, in few words.
        tooltip: it exactly, in a sentence.
        holds_for: how many seconds the label is right; None for always.
    """

    label: str
    tooltip: str
    holds_for: float | None = None


def of_expiry(expires: int, now: float) -> Hint:
    """What is said behind a token that names its end; both in seconds since 1970."""
    if expires <= now:
        return Hint("expired", f"This token expired on {moment(expires)}.")
    left = expires - now
    return Hint(f"expires in {span(left)}", f"This token expires on {moment(expires)}.", _holds_for(left))


def of_lease(reference: Reference, terms: Terms, now: float) -> Hint | None:
    """The same behind a reference; None where its lease neither is over nor has a time."""
    if terms.over:
        return Hint("lease is over", note(reference, terms, now))
    if terms.expires is None:
        return None
    left = terms.expires - now
    tooltip = f"The lease of {reference.name} ends on {moment(terms.expires)}."
    return Hint(f"lease ends in {span(left)}", tooltip, _holds_for(left))


def _holds_for(left: float) -> float:
    return max(_SHORTEST, min(left, max(left / _STEPS, _STEPS), _LONGEST))
