"""A mere `key` is a secret if the object, section or file that it is in says so."""

from __future__ import annotations

import pytest

from tokenward.detection.generic.generic import parent_of
from tokenward.detection.generic.names import NameClaim, claim_of_key_in


@pytest.mark.parametrize(
    ("text", "path", "parent"),
    [
        ('{"Jwt": {"Key"', "a.json", "Jwt"),
        ('{"Jwt": {\n  "Issuer": {"a": [1, 2]},\n  "Key"', "a.json", "Jwt"),
        ('{"Jwt": {"a": 1}, "Key"', "home/kaggle.json", "kaggle"),
        ('{"a": 1}\n{"b": 2, "key"', "a.json", ""),
        ('{"Jwt:Key"', "a.json", "Jwt"),
        ("'crypt' => [\n  'key'", "a.php", "crypt"),
        ("const stripe = { key", "a.js", "stripe"),
        ("connect({ key", "a.js", ""),
        ("new Pusher(key", "a.py", "Pusher"),
        ("encryption:\n  on: true\n  # of 2030\n  key", "a.yml", "encryption"),
        ("encryption:\n  on: true\nother:\n  key", "a.yml", "other"),
        ("encryption:\n  on: true\nkey", "a.yml", ""),
        ("a: 1\n  key", "a.yml", ""),
        ("[a]\nkey = 1\n[encryption.main]\n# of 2030\nkey", "a.ini", "encryption.main"),
        ('["openai"]\nkey', "a.toml", "openai"),
        ("key", "a.yml", ""),
        ("", "a.yml", ""),
    ],
)
def test_a_name_has_the_parent_that_it_is_in(text: str, path: str, parent: str) -> None:
    start = max(text.lower().rfind("key"), 0)
    assert parent_of(text + ": 1\n", start, path) == parent


@pytest.mark.parametrize(
    ("parent", "is_telling"),
    [
        *(
            (name, True)
            for name in ("Jwt", "encryption", "APP_CRYPT", "openai", "hmac", "kaggle", "myStripe")
        ),
        *(
            (name, False)
            for name in ("cache", "data", "user", "jwtClaims", "", "row", "stripeProducts", "sort")
        ),
    ],
)
def test_a_parent_says_whether_its_key_is_secret(parent: str, *, is_telling: bool) -> None:
    assert claim_of_key_in(parent) is (NameClaim.MAYBE if is_telling else NameClaim.NOTHING)
