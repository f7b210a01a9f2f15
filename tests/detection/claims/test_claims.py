"""Claims can be read from any value, and are never more than dates and short plain texts."""

from __future__ import annotations

import base64
import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from detection.claim_values import aws_key_id, encoded, jwt, openssh, pem, pypi
from tokenward.detection.claims.claims import MOST_CHARACTERS, read_claims
from tokenward.detection.claims.values import MOST_CHARACTERS as LONGEST_TEXT
from tokenward.model import NO_CLAIMS, Claims

LAST_SECOND = 253_402_300_799
ISSUED, EXPIRES = 1_700_000_000, 1_700_003_600
dates = st.integers(1, LAST_SECOND)
jsons = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
CLAIM_NAMES = ["exp", "iat", "nbf", "aud", "iss", "scope", "scp", "role", "org", "permissions"]
payloads = jsons | st.dictionaries(st.sampled_from(CLAIM_NAMES), jsons)
hostile_values = st.one_of(
    st.text(),
    st.binary().map(lambda data: data.decode("utf-8", "surrogateescape")),
    st.builds(jwt, payloads, st.just({"alg": "none"}) | jsons),
    payloads.map(lambda payload: "sntrys_" + encoded(payload) + "_secret"),
    st.lists(jsons, max_size=4).map(pypi),
    st.binary().map(lambda data: "pypi-" + base64.urlsafe_b64encode(data).decode()),
    st.lists(st.tuples(st.sampled_from(["sig", "se", "st", "sp", "sr", "X-Amz-Signature"]), st.text())).map(
        lambda fields: "https://h/?" + "&".join(f"{name}={text}" for name, text in fields)
    ),
    st.text(string.ascii_uppercase + "234567", min_size=16, max_size=16).map(lambda end: "AKIA" + end),
    st.text().map(lambda body: pem("OPENSSH PRIVATE", body)),
)


def facts_of(value: str) -> dict[str, str]:
    return dict(read_claims("any.rule", value).facts)


@given(hostile_values)
def test_any_value_gives_dates_and_short_plain_texts_and_nothing_else(value: str) -> None:
    claims = read_claims("any.rule", value)
    for date in (claims.issued, claims.expires):
        assert date is None or (type(date) is int and 0 < date <= LAST_SECOND)
    for _, text in claims.facts:
        assert text.isprintable()
        assert 0 < len(text) <= LONGEST_TEXT
    assert claims.checksum in {None, True, False}


@given(dates, dates)
def test_the_dates_of_a_jwt_come_back(issued: int, expires: int) -> None:
    claims = read_claims("any.rule", jwt({"iat": issued, "exp": expires}))
    assert (claims.issued, claims.expires) == (issued, expires)


@pytest.mark.parametrize(
    "date", [-1, 0, LAST_SECOND + 1, 10**400, 1e999, float("nan"), True, "2025", None, [1]]
)
def test_what_is_no_date_between_1970_and_9999_is_none(date: object) -> None:
    assert read_claims("any.rule", jwt({"exp": date, "iat": date, "nbf": date})) == NO_CLAIMS


@pytest.mark.parametrize(
    ("around", "is_all"),
    [
        ("{}", True),
        ("ghs_123456_{}", True),
        ("Authorization: Bearer {} and more", False),
        ("https://example.com/cb?id_token={}&state=a.b.c", False),
        ("a.b.{}", False),
        ('{{"id_token": "{}", "refresh_token": "lasts"}}', False),
        ("{}\nlasts", False),
    ],
)
def test_a_jwt_is_read_wherever_it_stands_and_its_dates_count_where_it_is_all(
    around: str, *, is_all: bool
) -> None:
    """Otherwise its neighbours, such as the token that renews it, would seem to expire with it."""
    value = around.format(jwt({"iat": ISSUED, "exp": EXPIRES, "iss": "https://issuer.example.com/"}))
    claims = read_claims("any.rule", value)
    assert (claims.issued, claims.expires) == ((ISSUED, EXPIRES) if is_all else (None, None))
    assert ("issuer", "https://issuer.example.com/") in claims.facts


@pytest.mark.parametrize("around", ['{{"url": "{}", "key": "lasts"}}', "lasts\n{}", "{} lasts", "lasts {}"])
def test_the_end_of_a_signed_url_is_not_that_of_a_text_that_holds_it(around: str) -> None:
    url = f"https://acme.example.com/c?se=2023-11-14T23%3A13Z&sig=c2ln&sp=r&sr=c&x={EXPIRES}"
    assert read_claims("any.rule", url).expires is not None
    assert read_claims("any.rule", around.format(url)).expires is None


def test_base64_of_a_jwt_is_read() -> None:
    value = base64.b64encode(jwt({"exp": EXPIRES}).encode()).decode()
    assert read_claims("any.rule", value).expires == EXPIRES


def test_what_a_jwt_allows_is_told_and_whom_it_names_is_not() -> None:
    payload: dict[str, Any] = {
        "iss": "supabase",
        "aud": ["first", "second"],
        "scp": ["read", "write"],
        "role": "service_role",
        "nbf": ISSUED,
        "sub": "0123456789",
        "email": "someone at example.com",
        "name": "Some One",
        "preferred_username": "someone",
    }
    assert facts_of(jwt(payload)) == {
        "issuer": "supabase",
        "audience": "first, second",
        "scope": "read, write",
        "role": "service_role",
        "valid from": "2023-11-14 22:13 UTC",
    }


@pytest.mark.parametrize(
    ("said", "plain"),
    [
        ("line\nbreak\x1b[2J\x00", "linebreak[2J"),
        ("\u202egnp.exe\u2066\u200b", "gnp.exe"),
        ("z\u0301\u0301\u0301algo", "zalgo"),
        ("long" * 100, "long" * 24 + "lon…"),
        ("https://example.com/path?secret=1", "https://example.com/path"),
        ("https://user:password@example.com/", ""),
        ("https://user:" + "p" * 300 + "@example.com/", ""),
        ("someone@example.com", ""),
        ("someone%40example.com", ""),
        ("someone\uff20example.com", ""),
        ("https://example.com/path#secret", "https://example.com/path"),
        (f"key {tokens.github()} of", "key … of"),
        (
            "https://id.example.com/3f2504e0-4f89-41d3-9a0c-0305e82c3301/",
            "https://id.example.com/3f2504e0-4f89-41d3-9a0c-0305e82c3301/",
        ),
        ({"nested": "object"}, ""),
        ([["nested"], "flat"], "flat"),
    ],
)
def test_a_text_is_told_short_plain_and_without_persons_and_passwords(said: object, plain: str) -> None:
    assert facts_of(jwt({"iss": said})).get("issuer", "") == plain


@pytest.mark.parametrize(
    "value",
    [
        "",
        "just a word",
        "eyJ.eyJ.x",
        jwt({"exp": EXPIRES}, header={"no": "algorithm"}),
        jwt([EXPIRES]),
        f"{encoded({'alg': 'none'})}",
        "https://example.com/?se=2025-01-01",
        "pypi-short",
        "A" * 20,
    ],
)
def test_a_value_that_says_nothing_gives_no_claims(value: str) -> None:
    assert read_claims("any.rule", value) == NO_CLAIMS


def test_deep_json_is_no_payload() -> None:
    deep = base64.urlsafe_b64encode(b'{"exp":' + b"[" * 40_000).decode()
    assert read_claims("any.rule", f"{encoded({'alg': 'none'})}.{deep}.x") == NO_CLAIMS
    nested: object = "deep"
    for _ in range(300):
        nested = [nested]
    assert read_claims("any.rule", jwt({"aud": nested})) == NO_CLAIMS


def test_a_value_that_is_too_long_gives_no_claims() -> None:
    value = jwt({"exp": EXPIRES})
    assert read_claims("any.rule", value + " " * (MOST_CHARACTERS - len(value))).expires == EXPIRES
    assert read_claims("any.rule", value + " " * (MOST_CHARACTERS - len(value) + 1)) == NO_CLAIMS


@pytest.mark.parametrize("maker", ["github", "github_oauth", "npm"])
def test_a_checksum_fits_or_does_not(maker: str) -> None:
    value = tokens.ONE_LINE_MAKERS[maker](1) if maker in tokens.ONE_LINE_MAKERS else getattr(tokens, maker)(1)
    assert read_claims("any.rule", value) == Claims(checksum=True)
    other = "0" if value[10] != "0" else "1"
    assert read_claims("any.rule", value[:10] + other + value[11:]) == Claims(checksum=False)


def test_a_token_of_another_length_has_no_checksum() -> None:
    assert read_claims("any.rule", tokens.github() + "x").checksum is None


@given(st.integers(0, 10**12 - 1).filter(lambda account: aws_key_id(account)[4] not in "IJ"))
def test_an_aws_key_id_names_its_account(account: int) -> None:
    assert facts_of(aws_key_id(account)) == {"AWS account": f"{account:012d}"}


def test_a_temporary_aws_key_id_says_so() -> None:
    assert facts_of(aws_key_id(123456789012, "AS" + "IA"))["credential"] == "temporary"


def test_an_old_aws_key_id_names_no_account() -> None:
    assert facts_of("AK" + "IAJ" + "A" * 15) == {}


def test_an_azure_signature_says_until_when_and_what_for() -> None:
    query = "sv=2022-11-02&st=2023-11-14T22%3A13%3A20Z&se=2023-11-14T23%3A13Z&sr=c&sp=rwl&sig=c2ln"
    for value in (f"https://acme.blob.example.com/c?{query}", query, f"?{query}"):
        claims = read_claims("any.rule", value)
        assert (claims.issued, claims.expires) == (ISSUED, 1_700_003_580)
        assert dict(claims.facts) == {"rights": "read, write, list", "opens": "a container"}


def test_a_service_bus_signature_says_until_when() -> None:
    value = f"SharedAccessSignature sr=https%3A%2F%2Facme.example.com&sig=c2ln&se={EXPIRES}&skn=Root"
    assert read_claims("any.rule", value).expires == EXPIRES


@pytest.mark.parametrize("vendor", ["X-Amz", "X-Goog"])
def test_a_presigned_url_says_until_when(vendor: str) -> None:
    credential = aws_key_id(123456789012) if vendor == "X-Amz" else "someone"
    value = (
        f"https://bucket.example.com/k?{vendor}-Credential={credential}%2F20231114"
        f"&{vendor}-Date=20231114T221320Z&{vendor}-Expires=3600&{vendor}-Signature=00"
    )
    claims = read_claims("any.rule", value)
    assert (claims.issued, claims.expires) == (ISSUED, EXPIRES)
    assert claims.facts == ((("AWS account", "123456789012"),) if vendor == "X-Amz" else ())


@pytest.mark.parametrize(
    ("opening", "mode"),
    [
        ("sk_" + "live_", "live"),
        ("sk_" + "test_", "test"),
        ("rk_" + "test_", "test"),
        ("pk_" + "live_", "public"),
    ],
)
def test_a_stripe_key_says_its_mode(opening: str, mode: str) -> None:
    assert facts_of(opening + "x" * 24) == {"mode": mode}


def test_a_slack_webhook_names_its_workspace() -> None:
    url = "https://hooks.slack.com/" + "services/T0123ABCD/B0123ABCD/" + "x" * 24
    assert facts_of(url) == {"Slack workspace": "T0123ABCD"}


def test_a_sentry_token_names_its_organization() -> None:
    payload = {"iat": ISSUED + 0.5, "url": "https://sentry.example.com", "org": "acme"}
    claims = read_claims("any.rule", f"sntrys_{encoded(payload)}_{'x' * 43}")
    assert claims == Claims(issued=ISSUED, facts=(("organization", "acme"),))


@given(dates, dates)
def test_a_pypi_token_says_until_when(begin: int, end: int) -> None:
    claims = read_claims("any.rule", pypi([[0, end, begin]]))
    assert (claims.issued, claims.expires) == (begin, end)


@pytest.mark.parametrize(
    "caveat",
    [[1, ["acme", "acme-cli"]], {"version": 1, "permissions": {"projects": ["acme", "acme-cli"]}}],
)
def test_a_pypi_token_names_its_projects(caveat: object) -> None:
    assert facts_of(pypi([[3, "user"], caveat])) == {"projects": "acme, acme-cli"}
    assert len(json.dumps(caveat)) < 128


def test_a_pypi_token_names_many_projects_shortly() -> None:
    (text,) = facts_of(pypi([[1, [f"project-{number}" for number in range(40)]]])).values()
    assert text.startswith("project-0, project-1, ")
    assert len(text) == LONGEST_TEXT


@pytest.mark.parametrize(
    ("key", "is_protected"),
    [
        (pem("ENCRYPTED PRIVATE", "AAAA"), True),
        (pem("RSA PRIVATE", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nAAAA"), True),
        (openssh("aes256-ctr"), True),
        (openssh("none"), False),
        (tokens.private_key(), False),
    ],
)
def test_a_private_key_says_whether_a_passphrase_protects_it(key: str, is_protected: bool) -> None:
    assert facts_of(key) == ({"protection": "a passphrase"} if is_protected else {})
