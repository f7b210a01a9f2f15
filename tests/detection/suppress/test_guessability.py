"""Only values that nobody could guess may be written down as keys."""

from __future__ import annotations

import base64
import hashlib
import uuid
from collections.abc import Callable
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tokens
from examples import up_to
from tokenward.detection.suppress.guessability import guess_bits, is_guessable, md4

PUBLIC = "6f9d1c52-b7a3-4e08-9c1d-2f84ab60e7d5"
"""Random, but known to many: an id in a path, say."""
WEAK = "Hunter" + "22!"
STRONG = tokens.npm()[4:]
COMPOSITES = [
    "mongodb://svc:{}@db1.example.com:27017/" + PUBLIC,
    "mongodb://svc:{}@" + PUBLIC + ".example.com:27017/app",
    "postgresql://" + PUBLIC + ":{}@db/app",
    "redis://{}@db1.example.com/" + PUBLIC,
    "redis://:{}@db1.example.com/" + PUBLIC,
    "jdbc:postgresql://db1.example.com/" + PUBLIC + "?user=svc&password={}",
    "jdbc:sqlserver://db1.example.com;databaseName=" + PUBLIC + ";user=sa;password={};",
    "Server=db1;Database=" + PUBLIC + ";User ID=sa;Password={};",
    "host=db1 dbname=" + PUBLIC + " user=svc password={}",
    "svc:{}@tcp(db1.example.com:3306)/" + PUBLIC,
    PUBLIC + ":{}",
    "theme=" + PUBLIC + "; session={}; tracking=" + PUBLIC,
    '{{"id": "' + PUBLIC + '", "nested": {{"password": "{}"}}}}',
    '{{\\"id\\": \\"' + PUBLIC + '\\", \\"password\\": \\"{}\\"}}',
    "id: " + PUBLIC + "\npassword: {}\n",
    "DATABASE_URL=mysql://svc:{}@db1/" + PUBLIC,
    "https://example.com/" + PUBLIC + "?token={}",
]
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


@pytest.mark.parametrize("word", ["password", "Admin", "letmein", "CHANGEME", "secret", "openai"])
@pytest.mark.parametrize(
    "name", ["md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "ntlm", "mysql"]
)
def test_the_digest_of_a_word_is_guessable_in_every_spelling(word: str, name: str) -> None:
    if name == "ntlm":
        digest = md4(word.encode("utf-16-le"))
    elif name == "mysql":
        digest = hashlib.sha1(hashlib.sha1(word.encode()).digest()).digest()
    else:
        digest = hashlib.new(name, word.encode()).digest()
    for text in (digest.hex(), digest.hex().upper(), base64.b64encode(digest).decode()):
        assert is_guessable(text)
        assert is_guessable("postgresql://svc:" + quote(text, safe="") + "@db/app")


@pytest.mark.parametrize("make", [uuid.uuid3, uuid.uuid5])
def test_an_id_that_is_made_of_a_name_is_guessable(make: Callable[[uuid.UUID, str], uuid.UUID]) -> None:
    assert is_guessable(str(make(uuid.NAMESPACE_DNS, "db1.example.com")))


def test_a_random_id_and_a_random_digest_are_not_guessable() -> None:
    assert not is_guessable(PUBLIC)
    assert not is_guessable(hashlib.sha256(STRONG.encode()).hexdigest())


@pytest.mark.parametrize(
    ("content", "digest"),
    [
        ("", "31d6cfe0d16ae931b73c59d7e0c089c0"),
        ("abc", "a448017aaf21d8525fc10ae87aa6729d"),
        ("1234567890" * 8, "e33b4ddc9c38f2199c3e7b164fcc0536"),
    ],
)
def test_md4_gives_the_digests_of_its_standard(content: str, digest: str) -> None:
    """Test suite of RFC 1320, A.5."""
    assert md4(content.encode()).hex() == digest


@pytest.mark.parametrize("value", COMPOSITES)
def test_of_a_composite_value_the_secret_alone_counts(value: str) -> None:
    for encoded in (str, quote, _base64, lambda text: _base64(f"{text}\n"), lambda text: text.encode().hex()):
        assert is_guessable(encoded(value.format(WEAK)))
        assert is_guessable(value.format(encoded(WEAK)))
        assert not is_guessable(value.format(STRONG))


def test_a_password_that_is_not_escaped_is_judged_all_the_same() -> None:
    for password in ("Hunter/22", "Hunter@22", "Hunter/22@7"):
        assert is_guessable(COMPOSITES[0].format(password))


@pytest.mark.parametrize(
    "value",
    [
        "https://hooks.slack.com/services/T000/B000/" + STRONG,
        "https://acct.blob.core.windows.net/box?sv=2024-01-01&sp=r&sig=" + quote(STRONG),
        "Endpoint=sb://acme.servicebus.windows.net/;SharedAccessKeyName=Root;SharedAccessKey=" + STRONG + "=",
        "123456789:" + STRONG,
        "Bearer " + STRONG,
    ],
)
def test_what_a_provider_issues_in_a_composite_value_may_be_keyed(value: str) -> None:
    assert not is_guessable(value)


def test_a_host_makes_no_url_strong() -> None:
    assert is_guessable("https://" + PUBLIC + ".example.com/status")


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


@given(st.text(st.sampled_from("ab=:;&\"'{}@/% \n-"), max_size=80))
@settings(max_examples=up_to(500))
def test_any_composite_has_an_estimate(text: str) -> None:
    assert 0 <= guess_bits(text) <= 16 * len(text)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
