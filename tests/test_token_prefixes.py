"""Detection of names that look like a token, without the rules."""

from __future__ import annotations

import pytest

import rule_samples
import tokens
from tokenward.detection.rules.own_rules import BY_NAME
from tokenward.model import TOKEN_NAME
from tokenward.token_prefixes import is_token_name, is_workspace_name, looks_like_token

MADE = {
    "github": tokens.github(),
    "github-oauth": tokens.github_oauth(),
    "npm": tokens.npm(),
    "stripe": tokens.stripe(),
    "aws": tokens.aws()[0],
    "hexadecimal": "b" + "57c5" * 12,
}
NAMES = [
    "GITHUB_TOKEN",
    "AWS_SECRET_ACCESS_KEY",
    "npm_config_registry_token",
    "S3_BUCKET",
    "OAUTH2CLIENTSECRETPRODUCTION",
    "sk_test",
    "eyJ",
    "key_vault_name",
    "SHA256_KEY",
    "HF_TOKEN",
    "hf_token",
    "PROD_EU_WEST1_DB2_PASSWORD_V3",
    "GHP_TOKEN_OF_THE_BOT",
    "NEXT_PUBLIC_SUPABASE_ANON_KEY",
    "re_my_internationalization",
    "fw_internationalization",
]


@pytest.mark.parametrize("kind", MADE)
def test_a_token_is_no_name(kind: str) -> None:
    assert TOKEN_NAME.fullmatch(MADE[kind])
    assert not is_token_name(MADE[kind])


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_no_token(name: str) -> None:
    assert is_token_name(name)


def test_nearly_every_token_of_our_rules_that_could_be_a_name_is_known() -> None:
    """Covers tokens with a prefix, and long random ones; the rules find the others, and a name those of BY_NAME."""
    rules = [rule for rule in rule_samples.rules() if rule["id"] not in BY_NAME]
    samples = [one for rule in rules for one in rule_samples.samples_of(rule) if one.matches]
    filled = [one.filled(seed) for one in samples for seed in range(3)]
    values = [text[span.start : span.end] for text, spans in filled for span in spans]
    long = [value for value in values if len(value) >= 30 and TOKEN_NAME.fullmatch(value)]
    assert len(long) > 500
    assert sum(map(looks_like_token, long)) > 0.95 * len(long)


@pytest.mark.parametrize("token", [tokens.gitlab(), tokens.slack(), tokens.anthropic()])
def test_a_token_is_no_workspace_name(token: str) -> None:
    assert not is_workspace_name(token.lower())


@pytest.mark.parametrize(
    "name", ["acme-api", "glitch-internationalizations", "sk-learn-contrib", "3f2a" * 10]
)
def test_a_folder_may_be_called_by_words_or_by_a_hash(name: str) -> None:
    assert is_workspace_name(name)
