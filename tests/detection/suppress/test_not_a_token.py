"""Matches of a rule that are not findings."""

from __future__ import annotations

import pytest

import tokens
from tokenward.detection.engine import Detector
from tokenward.detection.suppress.not_a_token import is_placeholder

IGNORE_HERE = [
    "tokenward:ignore",
    "tokenward:allow",
    "gitleaks:allow",
    "betterleaks:allow",
    "kingfisher:ignore",
    "pragma: allowlist secret",
    "pragma: whitelist secret",
    "ggignore",
    "secretlint-disable-line",
    "trufflehog:ignore",
]
IGNORE_BELOW = [
    "tokenward:ignore-next-line",
    "tokenward:allow-next-line",
    "pragma: allowlist nextline secret",
    "secretlint-disable-next-line",
]
CLEARLY_NO_TOKENS = [
    "keyring://acme-api/GITHUB_TOKEN",
    "gh" + "p_" + "x" * 36,
    "gh" + "p_" + "EXAMPLE" * 5 + "a",
    "gh" + "p_" + "your_token_here_" + "x" * 20,
    "${GITHUB_TOKEN}",
    "gl" + "pat-" + "0" * 20,
]


@pytest.mark.parametrize("marker", IGNORE_HERE)
def test_an_ignore_comment_counts_on_its_own_line_only(detector: Detector, marker: str) -> None:
    token = tokens.github()
    assert detector.detect_all(f'a = "{token}"  # {marker}\n').found == ()
    assert detector.detect_all(f'# {marker}\na = "{token}"\n').found


@pytest.mark.parametrize("marker", IGNORE_BELOW)
def test_an_ignore_comment_for_the_next_line_counts_there_only(detector: Detector, marker: str) -> None:
    token = tokens.github()
    assert detector.detect_all(f'# {marker}\na = "{token}"\n').found == ()
    assert detector.detect_all(f'# {marker}\n\na = "{token}"\n').found
    assert detector.detect_all(f'a = "{token}"  # {marker}\n').found


@pytest.mark.parametrize(
    "word", ["tokenward:ignored", "xggignorex", "tokenward:ignore-nothing", "tokenward:allowed"]
)
def test_a_word_that_only_resembles_a_marker_ignores_nothing(detector: Detector, word: str) -> None:
    assert detector.detect_all(f'a = "{tokens.github()}"  # {word}\n').found


@pytest.mark.parametrize("text", CLEARLY_NO_TOKENS)
def test_references_and_placeholders_are_no_findings(detector: Detector, text: str) -> None:
    assert detector.detect_all(f'GITHUB_TOKEN="{text}"\n').found == ()


@pytest.mark.parametrize(
    "url",
    [
        "mongodb+srv://app:{}@example-cluster.example.net/db",
        "postgres://your_app:{}@db.example.com:5432/app",
        "https://example:{}@git.example.com/a.git",
    ],
)
def test_an_example_host_does_not_hide_a_real_password(url: str) -> None:
    assert not is_placeholder(url.format(tokens.github()[4:30]))
    assert is_placeholder(url.format("your-password"))


def test_a_password_that_holds_such_a_word_is_still_a_token() -> None:
    assert not is_placeholder("qX7-example-9vTz!kLw2")
    assert is_placeholder("change-me-please-example")


def test_many_tokens_on_one_long_line_take_linear_work(detector: Detector) -> None:
    """A second search of the line for each token would take minutes here and exceed the suite's time limit."""
    text = " ".join(f'"{tokens.github(n)}"' for n in range(4000))
    assert len(detector.detect_all(text).found) == 4000


@pytest.mark.parametrize(
    "value",
    [
        "postgres",
        "guest",
        "minioadmin",
        "minio123",
        "hunter2",
        "Passw0rd!",
        "123456",
        "abc123",
        "0123456789abcdef" * 2,
    ],
)
def test_what_everybody_knows_is_no_token(detector: Detector, value: str) -> None:
    assert is_placeholder(value)
    assert detector.detect_all(f"AMQP_URL=amqp://app:{value}@mq.example.com/v\n", "deploy.txt").found == ()


@pytest.mark.parametrize(
    "value",
    [
        "CHANGE_ME_IN_PRODUCTION",
        "ENC[AES256_GCM,data:lK9xpsrSC5JV1PDm,iv:otK2WqkdYkW4,type:str]",
        "ENC(atR4nYZeISMIJxaAUAP3s20fOyCm8hjJ)",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-AbCdEf",
        "replace-me-with-your-key",
        "op://Dev/GitHub/token",
    ],
)
def test_what_somebody_else_fills_in_or_has_encrypted_is_no_token(value: str) -> None:
    assert is_placeholder(value)


@pytest.mark.parametrize("value", ["adminQ7x9Lm2p", "kMn123456zQx", "abcdQ9x7Lm2pTz", "rootkit-Q8z-41x"])
def test_a_value_that_only_begins_like_one_that_is_known_is_still_a_token(value: str) -> None:
    assert not is_placeholder(value)


def test_a_password_that_is_its_users_name_is_no_token(detector: Detector) -> None:
    url = "DATABASE_URL=postgres://inventory:{}@db/shop\n"
    assert detector.detect_all(url.format("inventory"), ".env").found == ()
    assert detector.detect_all(url.format("inv3ntory" + "8"), ".env").found


@pytest.mark.parametrize("user", ["TOKEN", "${TOKEN}"])
def test_the_word_that_stands_in_for_a_password_is_no_token(detector: Detector, user: str) -> None:
    url = f"https://{user}:" + "x-oauth-basic@github.com/a/b"
    assert detector.detect_all(f"git clone {url}\n", "a.sh").found == ()
