"""Rules and their providers."""

from __future__ import annotations

import pytest

import tokens
from tokenward.detection.engine import Detector
from tokenward.detection.providers import _table, provider_of
from tokenward.model import TOKEN_NAME


def test_every_rule_has_a_provider_with_a_usable_variable(detector: Detector) -> None:
    for rule in detector.load().rules.metadata():
        provider = provider_of(rule["id"])
        assert provider.name
        assert TOKEN_NAME.fullmatch(provider.variable), rule["id"]


def test_every_row_of_the_table_is_used_by_a_rule(detector: Detector) -> None:
    used = {id(provider_of(rule["id"])) for rule in detector.load().rules.metadata()}
    unused = [key for key, provider in _table().items() if id(provider) not in used]
    assert unused == []


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
