"""Text in, detections out: the right spans, whatever the text."""

from __future__ import annotations

import itertools
import random
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import up_to
from tokenward.detection.catalog_quirks import catalog_path
from tokenward.detection.engine import Detector
from tokenward.detection.rules.engine_scan import Cancellation

AWKWARD = st.text(st.sampled_from("\n\r\f\x85\u2028\ufeff\0 \té€😀\ud800,;()"), max_size=30)


@pytest.mark.parametrize("maker", tokens.ONE_LINE_MAKERS)
def test_a_token_is_found_with_its_exact_span(detector: Detector, maker: str) -> None:
    token = tokens.ONE_LINE_MAKERS[maker](7)
    (found,) = detector.detect_all(f'value = "{token}"\n').found
    assert found.secret.reveal() == token
    assert found.whole


@given(before=AWKWARD, after=AWKWARD, seed=st.integers(0, 50))
@settings(max_examples=up_to(200))
def test_a_span_is_exact_in_any_surroundings(detector: Detector, before: str, after: str, seed: int) -> None:
    token = tokens.github(seed)
    text = f'{before}"{token}"{after}'
    (found,) = detector.detect_all(text).found
    assert text[found.span.start : found.span.end] == token
    assert found.span.start == len(before) + 1


@pytest.mark.parametrize(
    "path",
    [
        "",
        "package-lock.json",
        "yarn.lock",
        "pnpm-lock.yaml",
        "go.mod",
        "go.sum",
        "poetry.lock",
        "Pipfile.lock",
        "uv.lock",
        "Cargo.lock",
        "composer.lock",
        "deno.lock",
        "gradlew",
        "gradle.lockfile",
        ".gitleaks.toml",
        "images/logo.svg",
        "photo.png",
        "font.woff2",
        "web/jquery.min.js",
        "web/app.min.css",
        "web/app.js.map",
        "node_modules/acme/index.js",
        "vendor/github.com/acme/api.go",
        "vendor/bundle/api.rb",
        "lib/python3.11/site-packages/acme.py",
        "dist/acme.dist-info/METADATA",
    ],
)
def test_no_name_of_a_file_hides_a_token(detector: Detector, path: str) -> None:
    (found,) = detector.detect_all(f'value = "{tokens.github()}"\n', path).found
    assert found.secret.reveal() == tokens.github()


def test_the_rules_that_the_catalog_has_for_single_files_hold_for_them(detector: Detector) -> None:
    rules = detector.load().catalog.scanner.rules
    details = (rules.detail(rule["id"]) for rule in rules.metadata())
    bound = {detail["path"] for detail in details if detail["path"]}
    examples = [
        *(
            "a/.git/config",
            ".git\\config",
            ".git-credentials",
            "home/.git-credentials",
            ".bash_history",
            "x.PHP",
        ),
        *("main.tf", "a.hcl", "deploy/app.yaml", "pnpm-lock.yml", "NuGet.config", "Bitwarden CLI/data.json"),
        *("my.git-credentials", "config", "a.yaml.txt", "git/config", "data.json", "a.tfx", "history"),
    ]
    for example in examples:
        holding = {pattern for pattern in bound if re.search(pattern, example)}
        assert {pattern for pattern in bound if re.search(pattern, catalog_path(example))} == holding, example
    assert all(any(re.search(pattern, example) for example in examples) for pattern in bound)


def test_a_private_key_is_one_detection(detector: Detector) -> None:
    key = tokens.private_key()
    (found,) = detector.detect_all(f"{key}\n").found
    assert found.secret.reveal().strip() == key
    assert found.whole


def test_a_private_key_without_its_end_may_not_be_moved(detector: Detector) -> None:
    key = tokens.private_key().splitlines()
    assert not any(found.whole for found in detector.detect_all("\n".join(key[:-1])).found)


def test_every_further_place_of_a_value_is_found(detector: Detector) -> None:
    identity, secret = tokens.aws()
    text = f"AWS_ACCESS_KEY_ID={identity}\nAWS_SECRET_ACCESS_KEY={secret}\n\nsee {secret}, or x{secret}x\n"
    found = detector.detect_all(text).found
    assert [one.secret.reveal() for one in found] == [identity, secret, secret]


def test_a_comment_ignores_a_further_place_of_a_value(detector: Detector) -> None:
    identity, secret = tokens.aws()
    text = f"AWS_ACCESS_KEY_ID={identity}\nAWS_SECRET_ACCESS_KEY={secret}\nsee {secret} # tokenward:ignore\n"
    assert len(detector.detect_all(text).found) == 2


def test_a_token_in_a_url_is_found_again_below_its_first_place(detector: Detector) -> None:
    token = tokens.github()
    assert len(detector.detect_all(f"token: {token}\nurl: 'https://u:{token}@git.example.com'\n").found) == 2


def test_a_password_that_is_the_name_of_the_user_above_is_left_alone(detector: Detector) -> None:
    user, other = "walnutkettle", "lanternpebble"
    assert not detector.detect_all(f"DB_USER={user}\nDB_PASSWORD={user}\n", ".env").found
    assert len(detector.detect_all(f"DB_USER={user}\nDB_PASSWORD={other}\n", ".env").found) == 1


def test_detections_do_not_overlap_and_are_in_order(detector: Detector) -> None:
    text = "".join(f'"{make(n)}" ' for n in range(5) for make in tokens.ONE_LINE_MAKERS.values())
    spans = [found.span for found in detector.detect_all(text).found]
    assert len(spans) >= 5 * len(tokens.ONE_LINE_MAKERS)
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


@pytest.mark.parametrize(
    ("before", "after"),
    [("", ".more"), ("", "%41"), ("more.", ""), (r"\u0041", ""), ("", "=more"), ("x-p", ""), ("prefix-", "")],
)
def test_a_token_with_doubtful_borders_is_found_but_not_whole(
    detector: Detector, before: str, after: str
) -> None:
    token = tokens.github()
    found = detector.detect_all(f'"{before}{token}{after}"').found
    assert found
    assert not found[0].whole


@pytest.mark.parametrize(("before", "after"), [("acme-", ""), ("", "AAAA"), ("x-y-", "-b")])
def test_a_match_grows_to_the_whole_run_of_token_characters(
    detector: Detector, before: str, after: str
) -> None:
    run = f"{before}{tokens.gitlab()}{after}"
    (found,) = detector.detect_all(f'"{run}"').found
    assert found.secret.reveal() == run


@pytest.mark.parametrize("escape", ["\\n", "\\t", "\\r"])
def test_an_escape_before_a_token_is_no_part_of_it(detector: Detector, escape: str) -> None:
    token = tokens.github()
    (found,) = detector.detect_all(f'"{escape}{token}"').found
    assert found.secret.reveal() == token
    assert found.whole


def test_a_colour_before_a_token_is_no_part_of_it(detector: Detector) -> None:
    token = tokens.github()
    (found,) = detector.detect_all(f"\x1b[1;31m{token}\x1b[0m").found
    assert found.secret.reveal() == token
    assert found.whole


def test_an_aws_secret_is_found_beside_its_id(detector: Detector) -> None:
    identity, secret = tokens.aws()
    found = detector.detect_all(f"AWS_ACCESS_KEY_ID={identity}\nAWS_SECRET_ACCESS_KEY={secret}\n").found
    assert [one.secret.reveal() for one in found] == [identity, secret]


def test_text_that_the_engine_reads_as_utf_16_yields_no_wrong_place(detector: Detector) -> None:
    token = tokens.github()
    text = "".join(f"{character}\0" for character in f'x = "{token}"')
    assert all(
        text[f.span.start : f.span.end] == f.secret.reveal() == token for f in detector.detect_all(text).found
    )


def test_a_cancelled_scan_stops(detector: Detector) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(RuntimeError):
        detector.detect_all("x" * 1000, cancellation=cancellation)


def test_a_scan_past_its_deadline_stops(detector: Detector) -> None:
    with pytest.raises(TimeoutError):
        detector.detect_all("https://u:p@" * 400_000, timeout=0.01)


@pytest.mark.parametrize("beside", ["\0" * 5000, "a\0" * 4000, "\0a" * 4000, "a\0b\0" * 10])
def test_nuls_beside_a_token_do_not_hide_it(detector: Detector, beside: str) -> None:
    token = tokens.github()
    for text in (f'/*{beside}*/ x = "{token}"', f'x = "{token}" // {beside}'):
        (found,) = detector.detect_all(text).found
        assert text[found.span.start : found.span.end] == token


def test_a_scan_that_is_cancelled_before_its_deadline_is_no_late_one(detector: Detector) -> None:
    cancellation = Cancellation()
    cancellation.cancel()
    with pytest.raises(RuntimeError):
        detector.detect_all("x" * 3_000_000, timeout=20.0, cancellation=cancellation)


@pytest.mark.parametrize("text", ["", "\0" * 100, "\ufeff", "\ud800", "a" * 10_000_000])
def test_no_text_is_too_odd(detector: Detector, text: str) -> None:
    assert detector.detect_all(text).found == ()


SECRET = "".join(random.Random(8).choices(string.ascii_letters + string.digits, k=24))
PASSWORD = f"{SECRET[:9]}#{SECRET[9]}9"


@pytest.mark.parametrize(
    ("value", "around"),
    [
        (SECRET, "Then run psql with {}."),
        (SECRET, "https://example.com/hook?id={}&a=b"),
        (SECRET, "https://ada:{}@example.com/hook"),
        (SECRET, "login(ada,{})"),
        (SECRET, "<b>{}</b>"),
        (PASSWORD, "mysql --user=ada {} shop"),
    ],
)
def test_a_value_is_found_in_other_places_too(detector: Detector, value: str, around: str) -> None:
    text = f'api_secret = "{value}"\n{around.format(value)}\n'
    found = detector.detect_all(text, "notes.txt").found
    assert [text[one.span.start : one.span.end] for one in found] == [value, value]


@pytest.mark.parametrize(
    "other",
    [
        *("x{}", "{}x", "{}_2", "a-{}", "{}+b", "{}@example.com", "mailto:{}@example.com", "{}.example.com"),
        *("www.{}.com", "https://example.com/hook/{}/x", "https://{}@example.com", "src/{}"),
    ],
)
def test_a_part_of_a_word_an_address_or_a_path_is_no_copy(detector: Detector, other: str) -> None:
    assert len(detector.detect_all(f'api_secret = "{SECRET}"\n{other.format(SECRET)}\n', "a.txt").found) == 1


@pytest.mark.parametrize("many", [3, 80])
def test_the_copies_of_many_values_are_found_as_those_of_few(detector: Detector, many: int) -> None:
    drawn = random.Random(10)
    values = ["".join(drawn.choices(string.ascii_letters + string.digits, k=24)) for _ in range(many)]
    named = "".join(f'api_secret = "{value}"\n' for value in values)
    text = named + "".join(f"see {value} and x{value}\n" for value in reversed(values))
    found = [one.secret.reveal() for one in detector.detect_all(text, "notes.txt").found]
    assert found == [*values, *reversed(values)]
    assert len(detector.detect_all(named, "notes.txt").found) == many


@pytest.mark.parametrize("value", ["spring-boot-demo", "correct-horse-battery", "winter.in.the.city9"])
def test_a_value_of_words_is_found_only_where_something_says_so(detector: Detector, value: str) -> None:
    text = f'api_password = "{value}"\nname: {value}\nsee {value}\nold_password = "{value}"\n'
    found = detector.detect_all(text, "app.conf").found
    assert [text[: one.span.start].count("\n") for one in found] in ([0, 3], [])


def test_a_token_in_a_header_may_have_any_length(detector: Detector) -> None:
    token = "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=12_000))
    (found,) = detector.detect_all(f"Authorization: Bearer {token}\n").found
    assert found.secret.reveal() == token


def test_an_id_that_is_in_many_places_is_no_secret_there(detector: Detector) -> None:
    commit = "".join(random.Random(9).choices("0123456789abcdef", k=40))
    text = f"local_key: {commit}\n" + f"node {commit} is public\n" * 9
    assert len(detector.detect_all(text, "notes.txt").found) == 1
