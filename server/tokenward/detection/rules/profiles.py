"""The profile and severity of a token, derived from its rule and claims only."""

from __future__ import annotations

from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import provider_of
from tokenward.model import NO_CLAIMS, Claims, Kind, Profile, Severity

EASY_TO_GUESS = ("strength", "easy to guess")
"""The claim of a password that a person may have chosen."""
_YEAR = 366 * 86_400
_LASTING = (Kind.LONG_LIVED, Kind.KEY_PAIR)
_TEMPORARY = ("credential", "temporary")
_HARMLESS = (
    {("mode", "test")},
    {("mode", "public")},
    {("protection", "a passphrase")},
    {("issuer", "supabase"), ("role", "anon")},
)
"""Sets of claims, each of which makes a copy of the token nearly useless."""


def profile_of(rule: str, claims: Claims = NO_CLAIMS) -> Profile:
    """Return what is known about a token, from its provider's facts and its own claims."""
    provider = provider_of(rule)
    is_expiring = claims.expires is not None or _TEMPORARY in claims.facts
    return Profile(
        provider=provider.name,
        kind=Kind.EXPIRING if is_expiring and provider.kind is not Kind.SESSION else provider.kind,
        lifetime=provider.lifetime,
        scope=provider.scope,
        works_elsewhere=provider.elsewhere,
        ends=provider.ends,
        page=provider.page,
        claims=claims,
        harmless=provider.harmless or any(facts.issubset(claims.facts) for facts in _HARMLESS),
    )


def severity_of(profile: Profile, now: float) -> Severity:
    """Return `error` for a token that lasts and works anywhere, `information` for one that hardly gives access.

    `now` is in seconds since 1970, UTC.
    """
    claims = profile.claims
    has_expired = claims.expires is not None and claims.expires <= now
    if profile.harmless or has_expired or claims.checksum is False or EASY_TO_GUESS in claims.facts:
        return Severity.INFORMATION
    is_lasting = claims.expires > now + _YEAR if claims.expires is not None else profile.kind in _LASTING
    return Severity.ERROR if is_lasting and profile.works_elsewhere else Severity.WARNING


def finding_severity(
    rule: str, claims: Claims, now: float, generic: Severity = Severity.INFORMATION
) -> Severity:
    """Return the severity of a finding, capped at `generic` for one that only its name identifies."""
    severity = severity_of(profile_of(rule, claims), now)
    return generic if rule == GENERIC and severity is not Severity.INFORMATION else severity
