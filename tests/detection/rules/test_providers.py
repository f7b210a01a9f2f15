"""Rules and their providers."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from importlib.resources import files
from urllib.parse import urlsplit

import pytest
import yaml
from kingfisher_sdk.rules import Rules

import tokens
from tokenward.detection.engine import Detector
from tokenward.detection.rules.own_rules import rule_files
from tokenward.detection.rules.providers import Provider, _row, _texts, keys_of, provider_of
from tokenward.model import TOKEN_NAME, Kind

FIELDS = {
    "name", "noun", "variable", "prefixes", "kind", "lifetime", "scope", "elsewhere", "harmless", "place",
    "ends", "page", "aliases", "form", "hosts", "host-page",
}  # fmt: skip


@pytest.fixture(scope="module")
def rules() -> Sequence[str]:
    """The ids of the catalog's rules and of ours."""
    ours = [rule["id"] for path in rule_files() for rule in yaml.safe_load(path.read_text("utf-8"))["rules"]]
    return [*(rule["id"] for rule in Rules().metadata()), *ours]


def test_every_rule_has_a_row(rules: Sequence[str]) -> None:
    assert [rule for rule in rules if not keys_of(rule)] == []


def test_every_rule_has_a_provider_with_a_usable_variable(rules: Sequence[str]) -> None:
    for rule in rules:
        provider = provider_of(rule)
        assert provider.name
        assert TOKEN_NAME.fullmatch(provider.variable), rule


def test_every_row_of_the_table_is_used_by_a_rule(rules: Sequence[str]) -> None:
    used = {key for rule in rules for key in keys_of(rule)}
    assert sorted(_texts().keys() - used) == []


def test_rows_that_are_read_one_by_one_are_those_of_the_file() -> None:
    file = files("tokenward.detection.rules") / "providers.toml"
    assert {key: _row(key) for key in _texts()} == tomllib.loads(file.read_text("utf-8"))


def test_a_row_says_only_what_it_can() -> None:
    for key in _texts():
        row, provider = _row(key), provider_of(key)
        assert row.keys() <= FIELDS, key
        assert provider.place in {"", "password", "token"}, key
        assert provider.lifetime[:1] == provider.lifetime[:1].lower(), key
        for sentence in (provider.scope, provider.ends):
            assert not sentence or (sentence[0].isupper() and sentence.endswith(".")), key
        page = urlsplit(provider.page)
        assert (page.scheme, bool(page.netloc)) in {("https", True), ("", False)}, key
        assert provider.kind is not Kind.LONG_LIVED or provider.lifetime, key


def test_a_row_takes_from_those_of_shorter_keys_what_it_leaves_out() -> None:
    general, special = provider_of("betterleaks.gitlab-other"), provider_of("betterleaks.gitlab-deploy-token")
    assert (special.name, special.prefixes) == (general.name, general.prefixes)
    assert (special.noun, general.noun) == ("deploy token", "token")


def test_a_word_that_only_begins_as_a_key_is_another_provider() -> None:
    assert provider_of("betterleaks.squarespace-access-token").name == "Squarespace"
    assert provider_of("betterleaks.square-access-token").name == "Square"


def test_what_no_row_knows_is_named_after_its_rule_and_nothing_is_made_up() -> None:
    assert provider_of("custom.acme-internal.1") == Provider("Acme", "token", "ACME_TOKEN")


@pytest.mark.parametrize(
    ("maker", "token", "label"),
    [
        ("github", "GitHub token", "ghp_…, 40 characters"),
        ("npm", "npm token", "npm_…, 40 characters"),
        ("anthropic", "Anthropic API key", "sk-ant-api03-…, 108 characters"),
    ],
)
def test_a_label_shows_the_public_prefix_and_the_length(
    detector: Detector, maker: str, token: str, label: str
) -> None:
    (found,) = detector.detect_all(tokens.ONE_LINE_MAKERS[maker](1)).found
    assert found.provider.token == token
    assert found.provider.label(found.secret.reveal()) == label


def test_a_label_of_a_value_without_a_public_prefix_shows_none_of_it() -> None:
    assert provider_of("custom.acme-internal.1").label("s3cr3t-value") == "12 characters"
