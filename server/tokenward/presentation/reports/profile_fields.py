"""The profile of a finding's token, as fields for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tokenward.model import Profile

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile_fields(profile: Profile) -> dict[str, Any]:
    """Return all fields but the provider; None for unknown values, and an empty string for absent texts."""
    claims = profile.claims
    return {
        "kind": profile.kind.value,
        "lifetime": profile.lifetime,
        "scope": profile.scope,
        "works_elsewhere": profile.works_elsewhere,
        "harmless": profile.harmless,
        "issued": None if claims.issued is None else date(claims.issued),
        "expires": None if claims.expires is None else date(claims.expires),
        "checksum": claims.checksum,
        "claims": dict(claims.facts),
        "ends": profile.ends,
        "page": profile.page,
    }


def expiry(profile: Profile) -> str:
    """Return the token's expiry; empty without one."""
    return "" if profile.claims.expires is None else date(profile.claims.expires)


def date(seconds: int) -> str:
    """Return seconds since 1970 in RFC 3339 format, in UTC."""
    # On Windows, `fromtimestamp` stops at the year 3000.
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
