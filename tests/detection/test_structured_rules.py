"""What a rule knows by its form alone is found whatever words are beside it; placeholders of that form stay quiet."""

from __future__ import annotations

import base64
import random

import pytest

import rule_samples
import tokens
from tokenward.detection.engine import Detector

BESIDE = [
    '<key>"{}"</key>',
    "Comment: A <a@b.dev>\n{}\n",
    '"example": "{}"',
    "# example: {}",
    "// placeholder {} dummy",
    "<!-- your {} here -->",
    "changeme {} changeme",
    "REDACTED sample {} example.com",
    'csrf_token = "{}"',
    "next_page_token={}",
    "page_token: {}",
    'continuationToken: "{}"',
    '${{KEY:-"{}"}}',
    '{{{{ key | default("{}") }}}}',
    '{{"name": "public_key", "value": "{}"}}',
    "https://files.example.com/a?alt=media&token={}",
    "Idempotency-Key: {}",
    '"sessionId": "{}"',
    "hash = {}",
    'pubkey = "{}"',
    'search_only_api_key: "{}"',
    "keyring://acme/NAME {}",
    "user: {0}\npassword: {0}",
    "https://user:{}@example.com/x",
]
PATHS = ["a.txt", "tests/test_example.py", "docs/examples/placeholder.md"]
BY_PLACE = {"tokenward.aws-session-token-column", "tokenward.login-join"}
"""The rules that know a value in a sentence by more than its form."""
UNSURE = "jwt"
"""A JSON Web Token may be a cursor."""
HEADERS = [
    "Comment: A <a@b.dev>",
    "Comment: <https://www.enigmail.net/>",
    "Version: GnuPG v2\nComment: example, changeme ... *** xxxxxxxx",
    "Comment: ${NAME} {{ name }} EXAMPLE",
    "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,8D5F2C",
]
KINDS = ["PGP PRIVATE KEY BLOCK", "RSA PRIVATE KEY", "OPENSSH PRIVATE KEY", "SSH2 ENCRYPTED PRIVATE KEY"]
FORMS = {
    "file": lambda pem: pem,
    "crlf": lambda pem: pem.replace("\n", "\r\n"),
    "json": lambda pem: '{"key": "' + pem.replace("\n", "\\n") + '"}',
    "line": lambda pem: pem.replace("\n", " "),
    "yaml": lambda pem: "key: |\n" + "".join(f"  {line}\n" for line in pem.split("\n")),
}
BODY = base64.b64encode(random.Random(1).randbytes(1200)).decode()
LINES = "\n".join(BODY[start : start + 64] for start in range(0, len(BODY), 64))


@pytest.fixture(scope="module")
def structured(detector: Detector) -> dict[str, str]:
    """A value for each rule that finds one in a sentence that says nothing about it."""
    samples = [one for rule in rule_samples.rules() for one in rule_samples.samples_of(rule) if one.matches]
    values: dict[str, str] = {}
    for text, spans in (sample.filled(3) for sample in samples):
        for value in (text[span.start : span.end] for span in spans):
            for one in detector.detect_all(f"see {value} here\n", "a.txt").found:
                if one.secret.reveal() == value and not one.provider.place:
                    values.setdefault(one.rule, value)
    return {rule: value for rule, value in values.items() if UNSURE not in rule and rule not in BY_PLACE}


def values_in(detector: Detector, text: str, path: str = "a.txt") -> list[str]:
    return [one.secret.reveal() for one in detector.detect_all(text, path).found]


@pytest.mark.parametrize("beside", BESIDE)
def test_no_word_beside_a_value_of_a_form_hides_it(
    detector: Detector, structured: dict[str, str], beside: str
) -> None:
    path = PATHS[BESIDE.index(beside) % len(PATHS)]
    assert len(structured) > 120
    missed = [
        rule
        for rule, value in structured.items()
        if not any(value in found for found in values_in(detector, f"{beside.format(value)}\n", path))
    ]
    assert missed == []


@pytest.mark.parametrize("filler", ["x" * 400, "EXAMPLE" * 60, "your-token-here-" * 30, "0" * 400])
def test_a_placeholder_of_each_form_is_quiet(
    detector: Detector, structured: dict[str, str], filler: str
) -> None:
    starts = {rule: f"key = {value[: len(value) // 4]}" for rule, value in structured.items()}
    # Of a long value, a quarter may be one of another form.
    short = [rule for rule, start in starts.items() if not values_in(detector, f"{start}\n")]
    assert len(short) > 100
    rest = {rule: filler[: len(structured[rule]) * 3 // 4] for rule in short}
    assert [rule for rule in short if values_in(detector, f"{starts[rule]}{rest[rule]}\n")] == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", FORMS)
def test_no_header_hides_a_private_key(detector: Detector, kind: str, form: str) -> None:
    for header in ("", *HEADERS):
        before = f"{header}\n\n" if header else ""
        pem = FORMS[form](f"-----BEGIN {kind}-----\n{before}{LINES}\n-----END {kind}-----\n")
        assert values_in(detector, pem), header


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body",
    [
        "...",
        "<your key here>",
        "MIIEpAIBAAKCAQEA...",
        "EXAMPLE" * 30,
        "x" * 200,
        "$KEY",
        f"{BODY[:200]}\n...\n{BODY[-64:]}",
        f"{BODY[:200]}EXAMPLE{BODY[200:]}",
    ],
)
def test_an_elided_private_key_is_quiet(detector: Detector, kind: str, body: str) -> None:
    for header in ("", "Comment: A <a@b.dev>\n\n"):
        pem = f"-----BEGIN {kind}-----\n{header}{body}\n-----END {kind}-----\n"
        assert values_in(detector, pem) == [], header


@pytest.mark.parametrize(
    "text",
    [
        "AK" + "IAIOSFODNN7EXAMPLE",
        "sk_" + "live_EXAMPLE4eC39HqLyjWDarjtT1zdp7dc",
        "gh" + "p_" + "exampleexampleexampleexampleexample1",
        "page_token = " + "CAoQAA" * 4,
        'nextPageToken: "' + tokens.random_text("page", 40) + '"',
        "clientRequestToken: 3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        '{"name": "public_key", "value": "' + tokens.random_text("public", 44) + '"}',
        "https://files.example.com/a?alt=media&token=3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "hash = 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0xde, 0xf1",
    ],
)
def test_a_value_without_a_form_is_what_its_name_says(detector: Detector, text: str) -> None:
    assert values_in(detector, f"{text}\n") == []
