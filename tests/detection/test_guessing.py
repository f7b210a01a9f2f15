"""What may be written down as a value's key: nothing that somebody could guess."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.guessing import guess_bits, is_guessable

WORDS = ["correct", "Horse", "battery", "staple", "dragon", "summer", "Password", "admin", "monkey", "love"]
CHOSEN_BY_PEOPLE = [
    "",
    "hunter2",
    "Summer" + "2024!",
    "correct horse battery staple",
    "ItWasTheBestOfTimesItWasTheWorstOfTimes",
    "1q2w3e4r5t6y7u8i9o0p",
    "qwertyuiopasdfghjklzxcvbnm123456",
    "P4ssw0rd" * 4,
    "Th1s1sMyV3ryS3cr3tK3y4Pr0duct10n!",
    "a1b2c3d4e5f6g7h8i9j0k1l2m3n4",
    "deadbeef" * 8,
    "0123456789abcdef" * 4,
    "0" * 64,
    "00000000-0000-0000-0000-000000000001",
    "postgres://app:" + "S3cr3t!@db-prod-7f3a.eu-west-1.rds.amazonaws.com:5432/x1",
    base64.b64encode(b"admin:" + b"letmein-2024").decode(),
    b"password-of-the-database".hex(),
]


@pytest.mark.parametrize("value", CHOSEN_BY_PEOPLE)
def test_what_a_person_chose_is_guessable(value: str) -> None:
    assert is_guessable(value)


@given(st.lists(st.sampled_from(WORDS), max_size=12), st.sampled_from(["", "-", "_", " ", "."]))
def test_words_are_guessable_however_many_there_are(words: list[str], joiner: str) -> None:
    assert is_guessable(joiner.join(words))


@given(st.text(max_size=7), st.integers(1, 40))
def test_repeating_a_short_text_makes_it_no_better(text: str, times: int) -> None:
    assert is_guessable(text * times)


@pytest.mark.parametrize("maker", ["github", "npm", "anthropic", "stripe", "slack", "sendgrid"])
def test_nearly_every_issued_token_may_be_keyed(maker: str) -> None:
    issued = [tokens.ONE_LINE_MAKERS[maker](seed) for seed in range(100)]
    prefix = issued[0][:4]
    assert sum(is_guessable(token, [prefix]) for token in issued) <= 10


def test_a_private_key_may_be_keyed() -> None:
    assert not is_guessable(tokens.private_key())


@given(st.text(max_size=200))
def test_any_text_has_an_estimate(text: str) -> None:
    assert 0 <= guess_bits(text) <= 16 * len(text)
