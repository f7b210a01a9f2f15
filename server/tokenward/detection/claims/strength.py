"""The claim of a password about its strength: whether a person may have chosen it."""

from __future__ import annotations

from tokenward.detection.generic.places import is_easy_to_guess
from tokenward.detection.rules.profiles import EASY_TO_GUESS
from tokenward.detection.rules.providers import provider_of
from tokenward.model import NO_CLAIMS, Claims


def strength_claims(rule: str, value: str) -> Claims:
    """Return whether the password that a rule found at its place is easy to guess; no claims for other values."""
    if provider_of(rule).place == "password" and is_easy_to_guess(value):
        return Claims(facts=(EASY_TO_GUESS,))
    return NO_CLAIMS
