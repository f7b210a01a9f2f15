"""What is known of a finding's token, as the fields that programs read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tokenward.model import Profile

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def profile_fields(profile: Profile) -> dict[str, Any]:
    """All but the provider; None for what is unknown, an empty text for what has nothing to say."""
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
    """When the token stops working; empty when it does not say."""
    return "" if profile.claims.expires is None else date(profile.claims.expires)


def date(seconds: int) -> str:
    """Seconds since 1970 as RFC 3339 has them, in UTC."""
    # `fromtimestamp` of Windows ends with the year 3000.
    return (_EPOCH + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
