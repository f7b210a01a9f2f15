"""Where tokens may go, from providers.toml and the engine's own checks."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.engine import Detector
from tokenward.detection.rules.providers import _row, _texts, keys_of, provider_of
from tokenward.detection.rules.token_hosts import (
    TokenHost,
    hosts_in,
    hosts_of,
    is_host,
    masked_variables,
)
from tokenward.detection.validation.hosts import check_hosts

WAY = re.compile(r"\?[A-Za-z_-]+|[a-z0-9_-]+(=[A-Za-z0-9 =:-]+)?")
WANTED = 250
REGISTRY = "the package manager's own settings name the registry"
"""Why some rows name no host although there is a check: no file of ours names a public registry."""


@pytest.fixture(scope="module")
def checks(detector: Detector) -> dict[str, set[str]]:
    """The hosts of the engine's own checks, by the rows that they are for."""
    rules = detector.load().catalog.scanner.rules
    found = defaultdict(set)
    for rule in rules.metadata():
        for host in check_hosts(rules.detail(rule["id"])):
            found[keys_of(rule["id"])[-1]].add(host.name)
    return found


def variables() -> dict[str, list[str]]:
    """Return the rows of each documented variable."""
    found = defaultdict(list)
    for key in _texts():
        if "variable" in _row(key):
            found[_row(key)["variable"]].append(key)
    return found


def test_every_row_with_a_check_has_its_hosts(checks: dict[str, set[str]]) -> None:
    signs = {key for key in checks if provider_of(key).hostless}
    missing = {
        key: names
        for key, found in checks.items()
        if key not in signs and (names := found - {host.name for host in hosts_in(provider_of(key))})
    }
    assert missing == {}
    assert {provider_of(key).hostless for key in signs} <= {
        REGISTRY,
        "it signs, and is never sent",
        "it goes to whichever service a request is signed for",
        "an id, which goes to whichever service a request is signed for",
    }


def test_every_variable_has_hosts_or_the_reason_why_not() -> None:
    found = {name: [provider_of(key) for key in keys] for name, keys in variables().items()}
    silent = [name for name, rows in found.items() if not any(row.hosts or row.hostless for row in rows)]
    assert silent == []
    assert sum(any(row.hosts for row in rows) for rows in found.values()) >= WANTED


def test_every_host_is_written_as_its_row_says_and_has_a_source(checks: dict[str, set[str]]) -> None:
    for key in _texts():
        hosts = hosts_in(provider_of(key))
        for host in hosts:
            assert is_host(host.name) or host.name == "*" or is_host(host.name.removeprefix("*.")), key
            assert host.ways, key
            assert all(WAY.fullmatch(way) for way in host.ways), (key, host)
            assert not host.path or host.path.startswith("/"), key
        if isinstance(_row(key).get("hosts"), list):
            page = _row(key).get("host-page", "")
            is_checks = {host.name for host in hosts} <= checks[key]
            assert page.startswith("https://") or is_checks, key


def test_no_two_providers_claim_one_host_in_one_way_unless_their_tokens_differ() -> None:
    claims: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for key in _texts():
        provider = provider_of(key)
        for host in hosts_in(provider):
            for way in host.ways if not host.is_form else ():
                # One provider may have several names, such as Google and Google Gemini.
                claims[host.name, host.path, way].add(provider.name.split()[0])
    assert {claim: names for claim, names in claims.items() if len(names) > 1} == {}


def test_no_form_of_hosts_stands_for_a_host_by_itself() -> None:
    for provider, name in (("Shopify", "SHOPIFY_ACCESS_TOKEN"), ("GitLab", "GITLAB_TOKEN")):
        assert not any(host.is_form for host in hosts_of(provider, name))
    assert hosts_of("Shopify", "SHOPIFY_ACCESS_TOKEN") == ()


@pytest.mark.parametrize(
    ("provider", "name", "named", "expected"),
    [
        ("OpenAI", "OPENAI_API_KEY", (), {"api.openai.com", "us.api.openai.com", "eu.api.openai.com"}),
        ("GitHub", "GH_TOKEN", (), None),
        ("GitLab", "ANY_NAME", ("git.example.com",), {"git.example.com"}),
        ("Shopify", "SHOP", ("acme.myshopify.com",), {"acme.myshopify.com"}),
        ("Nobody", "TOKEN", (), set()),
        ("", "OPENAI_API_KEY", (), {"api.openai.com", "us.api.openai.com", "eu.api.openai.com"}),
        ("", "MY_KEY", (), set()),
        ("Nobody", "TOKEN", ("api.example.com:8443",), {"api.example.com:8443"}),
    ],
)
def test_a_stored_token_has_its_providers_hosts_or_those_that_a_person_named(
    provider: str, name: str, named: tuple[str, ...], expected: set[str] | None
) -> None:
    found = hosts_of(provider, name, named)
    assert len({host.name for host in found}) == len(found)
    if expected is None:
        assert {"api.github.com", "github.com", "uploads.github.com", "ghcr.io"} <= {
            one.name for one in found
        }
        assert not any("copilot" in one.name for one in found)
    else:
        assert {one.name for one in found} == expected


def test_a_named_server_is_asked_in_the_ways_of_its_form() -> None:
    (gitlab,) = hosts_of("GitLab", "GITLAB_TOKEN", ("git.example.com",))
    assert gitlab.ways[:4] == ("private-token", "bearer", "basic", "body")
    (shop,) = hosts_of("Shopify", "SHOPIFY_ACCESS_TOKEN", ("acme.myshopify.com",))
    assert shop.headers == {"x-shopify-access-token": ""}


@pytest.mark.parametrize(
    ("ways", "headers"),
    [
        (("bearer", "basic", "body"), {"authorization": "Bearer "}),
        (("authorization=Token token=",), {"authorization": "Token token="}),
        (("authorization",), {"authorization": ""}),
        (("x-api-key", "?key"), {"x-api-key": ""}),
        (("path", "cookie"), {}),
    ],
)
def test_a_way_is_a_header_with_what_precedes_the_token(
    ways: tuple[str, ...], headers: dict[str, str]
) -> None:
    assert TokenHost("api.example.com", "", ways).headers == headers


LOOKALIKES = ["", "localhost", "*", "*.example.com", "10.0.0.1", "[::1]", "a..example.com", "-a.example.com"]
LOOKALIKES += [
    "a.example.com/x",
    "a.example.com:0",
    "user@a.example.com",
    "A.example.com",
    "a.example.com.",
    "a b.com",
]
LOOKALIKES += ["a.example.com\n", "ä.example.com", "a.example.com:443:1", "https://a.example.com"]
LOOKALIKES += [f"{'a' * 64}.example.com"]


@pytest.mark.parametrize("name", LOOKALIKES)
def test_what_is_no_host_is_not_taken_for_one(name: str) -> None:
    assert not is_host(name)


@given(st.lists(st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True), min_size=2, max_size=5))
def test_a_name_of_labels_is_a_host(labels: list[str]) -> None:
    assert is_host(".".join([*labels, "example"]))


@given(st.text(max_size=40))
def test_a_text_is_a_host_only_of_a_hosts_characters(text: str) -> None:
    assert not is_host(text) or re.fullmatch(r"[a-z0-9.:-]+", text)


def masked_samples() -> Iterator[tuple[str, str]]:
    samples = {
        "GITHUB_TOKEN": "github", "NPM_TOKEN": "npm", "ANTHROPIC_API_KEY": "anthropic", "SLACK_BOT_TOKEN": "slack_bot",
        "OPENAI_API_KEY": "openai", "STRIPE_SECRET_KEY": "stripe", "GITLAB_TOKEN": "gitlab", "HF_TOKEN": "huggingface",
    }  # fmt: skip
    yield from ((name, maker) for name, maker in samples.items() if maker in tokens.ONE_LINE_MAKERS)


@pytest.mark.parametrize(("variable", "maker"), [*masked_samples()])
def test_the_form_of_a_masked_variable_is_that_of_its_tokens(variable: str, maker: str) -> None:
    forms = {name: row.form for name, row in masked_variables()}
    if variable in forms:
        assert all(re.fullmatch(forms[variable], tokens.ONE_LINE_MAKERS[maker](seed)) for seed in range(20))


def test_every_masked_variable_has_a_host_to_which_a_header_carries_it() -> None:
    masked = [*masked_variables()]
    assert {"GITHUB_TOKEN", "GH_TOKEN", "STRIPE_API_KEY", "OPENAI_API_KEY"} <= {name for name, _ in masked}
    for name, row in masked:
        re.compile(row.form)
        assert any(host.headers for host in hosts_in(row) if not host.is_form), name
