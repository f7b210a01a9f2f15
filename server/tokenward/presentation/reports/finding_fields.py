"""A finding and the profile of its token, as fields for programs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tokenward.model import Profile
from tokenward.operations.scan.report import ReportedFinding

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def flat_fields(found: ReportedFinding) -> dict[str, str | int]:
    """Return the fields of a finding, except its path and its commit, for formats without nesting."""
    return {
        "start_offset": found.start_offset,
        "end_offset": found.end_offset,
        "start_line": found.start.line,
        "start_character": found.start.character,
        "end_line": found.end.line,
        "end_character": found.end.character,
        "rule": found.rule,
        "provider": found.provider,
        "severity": found.severity,
        "fingerprint": found.fingerprint,
        "label": found.label,
        "kind": found.profile.kind.value,
        "expires": expiry(found.profile),
    }


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
