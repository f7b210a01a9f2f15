"""The settings of other sandboxes for the hosts of stored tokens."""

from __future__ import annotations

import json

import pytest

from tokenward.detection.rules.token_hosts import TokenHost, hosts_of
from tokenward.operations.agents_protection.host_exports import EXPORTS, nono, openshell, sbx

SENTRY = hosts_of("Sentry", "SENTRY_AUTH_TOKEN", ("sentry.example.com:8443",))
TWO = {
    "ANTHROPIC_API_KEY": hosts_of("Anthropic", "ANTHROPIC_API_KEY"),
    "SENTRY_AUTH_TOKEN": SENTRY,
    "TELEGRAM_BOT_TOKEN": hosts_of("Telegram", "TELEGRAM_BOT_TOKEN"),
    "PAGERDUTY_TOKEN": hosts_of("PagerDuty", "PAGERDUTY_TOKEN"),
}


def test_nono_gets_a_route_for_each_host_and_names_each_in_both_places() -> None:
    network = json.loads(nono(TWO))["network"]
    routes = network["custom_credentials"]
    assert network["credentials"] == [*routes]
    assert routes["anthropic_api_key"] == {
        "upstream": "https://api.anthropic.com",
        "credential_key": "env://ANTHROPIC_API_KEY",
        "env_var": "ANTHROPIC_API_KEY",
        "inject_header": "x-api-key",
        "credential_format": "{}",
    }
    assert routes["sentry_auth_token"]["upstream"] == "https://sentry.example.com:8443"
    assert routes["sentry_auth_token"]["credential_format"] == "Bearer {}"
    assert routes["pagerduty_token_2"]["credential_format"] == "Token token={}"


def test_openshell_gets_a_profile_for_each_token_that_it_can_send() -> None:
    profiles = [json.loads(part) for part in openshell(TWO).split("\n---\n")]
    assert [one["id"] for one in profiles] == ["anthropic-api-key", "sentry-auth-token"]
    key, sentry = profiles
    assert key["credentials"][0]["auth_style"] == "header"
    assert key["credentials"][0]["header_name"] == "x-api-key"
    assert sentry["credentials"][0]["auth_style"] == "bearer"
    assert [(one["host"], one["port"]) for one in sentry["endpoints"]] == [("sentry.example.com", 8443)]


def test_sbx_gets_a_command_for_each_host() -> None:
    assert (
        "sbx secret set-custom -g --host api.anthropic.com --env ANTHROPIC_API_KEY" in sbx(TWO).splitlines()
    )


@pytest.mark.parametrize("sandbox", EXPORTS)
def test_what_no_header_carries_is_left_out(sandbox: str) -> None:
    assert "TELEGRAM" not in EXPORTS[sandbox](TWO).upper()
    assert "SQL" not in EXPORTS[sandbox]({"SQL": [TokenHost("db.example.com", "", ("basic",))]})
