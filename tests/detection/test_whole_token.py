"""The end of a token, whatever surrounds it."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

import rule_samples
import tokens
from tokenward.detection.engine import Detector

SENTRY = 'sntrys_⟦base64:\\{"iat":1[0-9]{9},"url":"","region_url":"https\\://sentry.example.com"\\}⟧_⟦[A-Za-z0-9]{43}⟧'
FLY = "FlyV1 fm2_⟦[A-Za-z0-9+/]{300}⟧==,fm2_⟦[A-Za-z0-9+/]{200}⟧="
JWT = "⟦jwt:exp⟧"


@pytest.mark.parametrize("escape", ["\\u001b", "\\x1b", "\\033", "\\e", "\x1b"])
def test_a_colour_is_no_part_of_a_token_however_it_is_written(detector: Detector, escape: str) -> None:
    token = tokens.gitlab()
    (found,) = detector.detect_all(f'{{"text": "{escape}[38;5;200m{token}{escape}[0m"}}').found
    assert found.secret.reveal() == token
    assert found.whole


@pytest.mark.parametrize("template", [SENTRY, FLY, JWT])
@pytest.mark.parametrize(
    ("before", "after"),
    [('{\\"a\\": \\"', '\\"}'), ("a,", ",b"), ("<a>", "</a>"), ('"x\\n', '\\ny"'), ("", "\n"), ("f(", ")")],
)
def test_what_stands_behind_a_token_is_no_part_of_it(
    detector: Detector, template: str, before: str, after: str
) -> None:
    token = rule_samples.fill(template, random.Random(template))
    text = f"{before}{token}{after}"
    (found,) = detector.detect_all(text).found
    assert (found.span.start, found.secret.reveal(), found.whole) == (len(before), token, True)


def test_a_bundle_may_have_many_parts(detector: Detector) -> None:
    part = rule_samples.fill("fm2_⟦[A-Za-z0-9]{120}⟧", random.Random(1))
    bundle = f"FlyV1 {part}" + f",{part}" * 2_000
    (found,) = detector.detect_all(f"({bundle}, {part[:20]})").found
    assert found.secret.reveal() == bundle


@pytest.mark.parametrize("command", ["mysql -u root -p", "sshpass -p"])
def test_an_option_is_no_part_of_the_password_that_is_glued_to_it(detector: Detector, command: str) -> None:
    password = rule_samples.fill("⟦[A-Z]{4}[a-z0-9]{10}⟧", random.Random(command))
    (found,) = detector.detect_all(f"{command}{password} shop").found
    assert (found.span.start, found.secret.reveal(), found.whole) == (len(command), password, True)


@pytest.mark.parametrize(
    "before", ["DB_PASSWORD=${PASSWORD:-", "a_password: '${DB_PASSWORD:-", "PASSWORD=${1:-"]
)
def test_a_shells_operator_is_no_part_of_the_default_after_it(detector: Detector, before: str) -> None:
    password = rule_samples.fill("⟦[A-Z]{4}[a-z0-9]{10}⟧", random.Random(before))
    (found,) = detector.detect_all(f"{before}{password}}}\n").found
    assert (found.span.start, found.secret.reveal(), found.whole) == (len(before), password, True)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("https://example.com/cb%3Ftoken%3D", "%26a%3Db"),
        ("auth=Bearer%20", "%0A"),
        ("%22", "%22%2C"),
        ('"q=\\u003d', '\\u0026"'),
        ("'\\x22", "\\x22'"),
    ],
)
@pytest.mark.parametrize("maker", [tokens.github, tokens.gitlab])
def test_an_escaped_separator_is_no_part_of_a_token(
    detector: Detector, maker: Callable[[], str], before: str, after: str
) -> None:
    token = maker()
    (found,) = detector.detect_all(f"{before}{token}{after}").found
    assert (found.span.start, found.secret.reveal(), found.whole) == (len(before), token, True)


@pytest.mark.parametrize("joiner", ["%2B", "%2f", "\\u002b"])
def test_an_escaped_character_of_a_token_leaves_its_border_unsure(detector: Detector, joiner: str) -> None:
    (found,) = detector.detect_all(f"a = {'q' * 8}{joiner}{tokens.github()}").found
    assert not found.whole


@pytest.mark.parametrize("end", [";", ",", "~;", "x,;"])
def test_a_separator_that_ends_a_quoted_value_is_its_own(detector: Detector, end: str) -> None:
    value = rule_samples.fill("⟦[A-Za-z0-9!#%^*()]{60}⟧", random.Random(end)) + end
    (found,) = detector.detect_all(f"define( 'AUTH_KEY', '{value}' );").found
    assert (found.secret.reveal(), found.whole) == (value, True)


def test_the_word_in_an_address_of_telegram_is_no_part_of_its_token(detector: Detector) -> None:
    token = rule_samples.fill("⟦[1-9][0-9]{9}⟧:AA⟦[A-Za-z0-9_-]{32}[a-z]⟧", random.Random(1))
    (found,) = detector.detect_all(f"POST https://bots.example.com/bot{token}/sendMessage 200").found
    assert (found.secret.reveal(), found.whole) == (token, True)


@pytest.mark.parametrize("text", ["key: '{}''s'", "SET x = '{}''s';", 'X="{}""s"'])
def test_a_token_that_a_doubled_quote_goes_on_with_is_not_surely_whole(detector: Detector, text: str) -> None:
    token = tokens.github()
    (found,) = detector.detect_all(text.format(token)).found
    assert (found.secret.reveal(), found.whole) == (token, False)


@pytest.mark.parametrize("text", ['x,"{{""key"":""{}"",""b"":""c""}}"', "f('{}','')", '"""{}"""'])
def test_a_token_before_other_quotes_is_whole(detector: Detector, text: str) -> None:
    (found,) = detector.detect_all(text.format(tokens.github())).found
    assert found.whole
