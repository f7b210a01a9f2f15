"""The description of a token, and its severity."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from detection.claim_values import jwt
from tokenward.detection.claims.claims import read_claims
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import finding_severity, profile_of, severity_of
from tokenward.model import NO_CLAIMS, Claims, Finding, Fingerprint, Kind, Point, Profile, Severity

NOW = 1_750_000_000.0
HOUR, YEARS = 3600, 10 * 366 * 86_400
LASTING = Profile("Acme", Kind.LONG_LIVED, works_elsewhere=True)


def finding(rule: str, claims: Claims = NO_CLAIMS) -> Finding:
    return Finding(rule, "Acme", "token", Point(0, 0), Point(0, 9), Fingerprint("a" * 32), claims=claims)


@pytest.mark.parametrize(
    ("profile", "severity"),
    [
        (LASTING, Severity.ERROR),
        (replace(LASTING, kind=Kind.KEY_PAIR), Severity.ERROR),
        (replace(LASTING, claims=Claims(expires=int(NOW) + YEARS)), Severity.ERROR),
        (replace(LASTING, kind=Kind.EXPIRING, claims=Claims(expires=int(NOW) + YEARS)), Severity.ERROR),
        (replace(LASTING, claims=Claims(expires=int(NOW) + HOUR)), Severity.WARNING),
        (replace(LASTING, works_elsewhere=None), Severity.WARNING),
        (replace(LASTING, works_elsewhere=False), Severity.WARNING),
        (replace(LASTING, kind=Kind.SESSION), Severity.WARNING),
        (replace(LASTING, kind=Kind.EXPIRING), Severity.WARNING),
        (replace(LASTING, kind=Kind.UNKNOWN), Severity.WARNING),
        (replace(LASTING, claims=Claims(checksum=True)), Severity.ERROR),
        (replace(LASTING, claims=Claims(checksum=False)), Severity.INFORMATION),
        (replace(LASTING, claims=Claims(expires=int(NOW))), Severity.INFORMATION),
        (replace(LASTING, harmless=True), Severity.INFORMATION),
    ],
)
def test_a_token_matters_as_much_as_it_lasts_and_reaches(profile: Profile, severity: Severity) -> None:
    assert severity_of(profile, NOW) is severity


@given(st.integers(1, 10**10), st.integers(1, 10**10))
def test_time_never_makes_a_token_worse(now: int, later: int) -> None:
    order = [Severity.INFORMATION, Severity.WARNING, Severity.ERROR]
    first, last = sorted([now, later])
    profile = replace(LASTING, claims=Claims(expires=2 * 10**9))
    assert order.index(severity_of(profile, last)) <= order.index(severity_of(profile, first))


@pytest.mark.parametrize(
    ("rule", "kind", "elsewhere", "severity"),
    [
        ("betterleaks.github-pat", Kind.LONG_LIVED, True, Severity.ERROR),
        ("betterleaks.github-app-token", Kind.EXPIRING, True, Severity.WARNING),
        ("betterleaks.gitlab-cicd-job-token", Kind.SESSION, True, Severity.WARNING),
        ("tokenward.gitlab-workspace-token", Kind.SESSION, None, Severity.WARNING),
        ("betterleaks.private-key", Kind.KEY_PAIR, True, Severity.ERROR),
        ("betterleaks.gcp-service-account", Kind.KEY_PAIR, True, Severity.ERROR),
        ("betterleaks.jwt", Kind.UNKNOWN, None, Severity.WARNING),
        ("betterleaks.adobe-client-id", Kind.LONG_LIVED, True, Severity.INFORMATION),
        ("veles.secrets/digitaloceanapikey", Kind.LONG_LIVED, True, Severity.ERROR),
        ("custom.acme-internal", Kind.UNKNOWN, None, Severity.WARNING),
    ],
)
def test_a_rule_is_known_by_its_provider(
    rule: str, kind: Kind, elsewhere: bool | None, severity: Severity
) -> None:
    profile = profile_of(rule)
    assert (profile.kind, profile.works_elsewhere) == (kind, elsewhere)
    assert severity_of(profile, NOW) is severity


def test_the_workspace_token_of_gitlab_says_how_it_ends() -> None:
    profile = profile_of("tokenward.gitlab-workspace-token")
    assert (profile.provider, profile.ends) == ("GitLab", "Stop or terminate the workspace.")
    assert "never expires" in profile.lifetime


def test_a_token_that_names_its_end_is_expiring_unless_it_is_of_a_session() -> None:
    claims = Claims(expires=int(NOW) + HOUR)
    assert profile_of("betterleaks.jwt", claims).kind is Kind.EXPIRING
    assert profile_of("betterleaks.github-pat", claims).kind is Kind.EXPIRING
    assert profile_of("betterleaks.gitlab-cicd-job-token", claims).kind is Kind.SESSION
    assert profile_of("betterleaks.jwt", claims).claims == claims


@pytest.mark.parametrize(
    ("rule", "value", "severity"),
    [
        ("betterleaks.stripe-access-token", "sk_" + "test_" + "x" * 24, Severity.INFORMATION),
        ("betterleaks.stripe-access-token", "sk_" + "live_" + "x" * 24, Severity.ERROR),
        ("betterleaks.jwt", jwt({"exp": int(NOW) - 1}), Severity.INFORMATION),
        ("betterleaks.jwt", jwt({"exp": int(NOW) + HOUR}), Severity.WARNING),
        (
            "betterleaks.supabase-project-api-key",
            jwt({"iss": "supabase", "role": "anon", "exp": int(NOW) + YEARS}),
            Severity.INFORMATION,
        ),
        (
            "betterleaks.supabase-project-api-key",
            jwt({"iss": "supabase", "role": "service_role", "exp": int(NOW) + YEARS}),
            Severity.ERROR,
        ),
        ("betterleaks.jwt", jwt({"iss": "acme", "role": "anon", "exp": int(NOW) + HOUR}), Severity.WARNING),
        ("betterleaks.aws-access-token", "AS" + "IA" + "Q" * 16, Severity.WARNING),
        ("betterleaks.aws-access-token", "AK" + "IA" + "Q" * 16, Severity.ERROR),
    ],
)
def test_what_a_value_says_of_itself_counts(rule: str, value: str, severity: Severity) -> None:
    assert finding_severity(rule, read_claims(rule, value), NOW) is severity


@pytest.mark.parametrize("generic", [Severity.WARNING, Severity.INFORMATION])
def test_what_only_its_name_makes_a_token_of_is_as_the_setting_says(generic: Severity) -> None:
    assert finding_severity(GENERIC, NO_CLAIMS, NOW, generic) is generic
    assert finding_severity("betterleaks.github-pat", NO_CLAIMS, NOW, generic) is Severity.ERROR
    assert finding_severity(GENERIC, Claims(expires=1), NOW, generic) is Severity.INFORMATION
