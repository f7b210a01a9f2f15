"""Decides whether a value is made up: published, a word, an empty shell, or one that cannot be decoded.

It applies to the rules of providers and of places; a value that only its name identifies is judged in
`generic/values.py`, of which this uses the parts that hold at any place.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from hashlib import sha256
from pathlib import Path

from tokenward.detection.claims.keys import is_base58_checked
from tokenward.detection.claims.values import object_of
from tokenward.detection.generic.names import NameClaim, claim_of
from tokenward.detection.generic.places import bytes_listed, encoded_bytes, encoded_text, secret_at_place
from tokenward.detection.generic.randomness import is_random
from tokenward.detection.generic.values import (
    is_filler,
    is_leet,
    is_of_a_person,
    is_of_programs,
    is_publishable,
    is_template,
    plain_of_type_7,
)
from tokenward.detection.rules.own_rules import GENERIC
from tokenward.detection.rules.providers import provider_of
from tokenward.detection.suppress.not_a_token import is_placeholder, is_walk
from tokenward.model import Span

_PARTS_OF_JWT = re.compile(r"ey[\w-]+(?:\.[\w-]*){0,4}=*")
_PARTS_SIGNED, _PARTS_ENCRYPTED = 3, 5
_HEADER = frozenset(["alg", "typ"])
"""The parameters, one of which the header of a JSON Web Token has."""
_SAMPLE_CLAIMS = frozenset(
    [("sub", "1234567890"), ("role", "anon"), ("iss", "supabase-demo"), ("iss", "joe"), ("some", "payload")]
)
"""The claims of the samples of jwt.io, Supabase, RFC 7519, PyJWT and jjwt, which people sign with keys of their own;
and the role that PostgREST gives everybody who names no other."""
_SAMPLE_CLAIM = re.compile(r"foo\Z|(?:test|sample|mock|dummy)(?![a-z])")
_PUBLIC_BYTES = (
    *(
        b"-----BEGIN CERT",
        b"-----BEGIN PUB",
        b"-----BEGIN X509",
        b"-----BEGIN TRUSTED",
        b"-----BEGIN RSA PUB",
    ),
    *(b"0\x82", b"\xfe\xed\xfe\xed", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b"),
)
"""What certificates, public keys, key stores, images and archives begin with."""
_RUN_OF_BODY = re.compile(r"[A-Za-z0-9+/]{16,}={0,2}")
_HEADER_OF_PEM = re.compile(r"^[^\w\n]{0,20}[A-Za-z][\w-]{0,60}: [^\n]*", re.MULTILINE)
_ELIDED = re.compile(r"\.\.\.|…|\*{3}|[xX]{8}|<[A-Za-z]|\$[{(A-Za-z]")
_SHORTEST_BODY, _FEWEST_KINDS, _FEWEST_KINDS_OF_HEX = 60, 20, 12
_SECRET_FIELD = re.compile(
    r"\"(?:\w*secret|\w*token|\w*key|\w*password|auth)\"\s*:\s*\"([^\"]*)\"", re.IGNORECASE
)
"""The fields of a record in JSON, one of which is random if the record is a credential."""
_HEX = re.compile(r"[0-9a-f]+|[0-9A-F]+")
_SAYS_SO = re.compile(
    r"example|placeholder|redacted|change_?me|dummy|deadbeef|(?<![a-z])(?:fake|your)(?![a-z])", re.IGNORECASE
)
_LONGEST_FORM = 200
_NAME = re.compile(
    r"(?!(?:[a-z]{4}-){3}[a-z]{4}\Z)[a-z]+(?:[_-][a-z]+){3,}_?|(?:[a-z]+_[a-z]*|s\.)(?:[A-Z][a-z]+\d*){3,}"
)
"""A name in a program, which may begin as a provider's tokens do; four times four letters are Apple's passwords."""
_CODE = re.compile(
    r"[a-z_$]\w*(?:\??\.[a-z_]\w*)+|[A-Z][A-Z0-9]*(?:[_-][A-Z0-9]+)+|[a-z]+(?:[A-Z][a-z]+)+|\W+|.*&[a-z_]{2,30}=.*"
    r"|[a-z_$][\w$.]*[(\[].*|[a-z]+=[a-z]+,[a-z]+=.*"
)
"""A name or a call in a program, or the fields of a form or an option."""
_JOINED = re.compile(r"\s*[+.&|]{1,2}\s|.*\s[+.&|]{1,2}\s*\Z")
"""An expression that builds a text from others."""
_NUMBERED = re.compile(r"[a-z]+(?:[_-]\d{1,6})+")
"""A prefix and short numbers, as in documentation."""
_ADDRESS = re.compile(r"[\w.+-]+@(?:[\w-]+\.)+[a-z]{2,8}")
_READABLE = re.compile(r"[ -~]{4}")
_SHORTEST_WORD, _SHORTEST_CHOSEN, _LONGEST_MAGIC = 8, 6, 64
_SMALL = 32
"""More than each of the bytes that a person lists for a default or an example."""
_STRICTNESS = {"password": 0.0, "token": -0.4}
"""The bits a character that a value needs in addition; one that costs less is a word, and no token."""
_PUBLIC_AT = (
    (re.compile(r"[\w-]{22}"), re.compile(r"p256dh\W.{0,200}\0|\0.{0,20}p256dh\W", re.DOTALL)),
    (re.compile(r"A[KS]IA[A-Z2-7]{16}"), re.compile(r"\0(?:/|%2[Ff])\d{8}(?:/|%2[Ff])")),
    (re.compile(r".{1,100}"), re.compile(r"[A-Za-z0-9+/]{80}[+/]\0[+/][A-Za-z0-9+/]{80}")),
    (
        re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
        re.compile(
            r"(?i)session_?id[\"']\s?:\s?[\"']\0|(?:user|login|account)\w*\(\s*[\"'][^\"']{1,64}[\"'],\s*[\"']\0"
        ),
    ),
    (re.compile(r"[0-9a-f]{32}"), re.compile(r"(?i)search_(?:only_)?(?:api_)?key\w*\W{1,5}\0")),
    (
        re.compile(r"[0-9a-f]{16,64}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
        re.compile(r"(?i)(?:idempotency|cache|routing|partition|dedup\w*)-key\W{1,8}(?:value\W{1,6})?\0"),
    ),
    (
        re.compile(r"(?:0x[\da-fA-F]+|[\da-fA-F]{1,3})[^\w\"]*,[^\"]*"),
        re.compile(r"(?i)(?:pub|hash|sha|md5|monkey)\w*[^\n\"';,]{0,44}\0"),
    ),
    (
        re.compile(r"AIza[\w-]{35}"),
        re.compile(r"\b(?:authDomain|messagingSenderId)\b|\.firebaseapp\.com|\bcurrent_key\W{3,8}\0"),
    ),
    (re.compile(r"[0-9a-f]{32}"), re.compile(r"(?i)\bamplitude_?(?:js_?)?(?:api_?)?key\W{1,8}\0")),
    (re.compile(r"[\w+/.=-]{4,64}\$[\w+/.=-]{20,}"), re.compile(r"\bhash\w*\s?[:=].{0,100}\0", re.DOTALL)),
    (re.compile(r"[0-9a-z]{32}"), re.compile(r"(?i)\b(?:sandbox|deployment|product)_?id\W{1,5}\0")),
    (
        re.compile(r"[0-9a-f]{32}"),
        re.compile(r"(?si)\bindexName\b.{0,300}\bapiKey\W{1,8}\0|\bapiKey\W{1,8}\0.{0,300}\bindexName\b"),
    ),
)
"""What is public in its place, which \\0 represents: the id of the key that signed a request to AWS, a part of a Base64
text, the id of a session or a user in data, what a browser sends for messages to itself, what a cache or a queue knows
a request by, a list of the bytes of a public key or a hash, the key and the ids in the configuration of an app, and the
key with which a site's visitors search it."""
_CALLED_PUBLIC = re.compile(
    r"[?&]alt=media&(?:amp;)?token=\Z|\.svg\?[^\s\"'<>]{0,80}token=\Z"
    r"|(?i:\"(?:name|key)\"\s?:\s?\"[\w-]{0,30}pub(?:lic)?[_-]?key\",?\s?\"value\"\s?:\s?\")\Z"
)
"""What is before tokens of Firebase Storage's public links and of badges, and public keys."""
_AROUND = 300


def is_made_up(rule: str, value: str, *, in_test: bool) -> bool:
    """Return whether a value, the whole match of a rule, gives no access to anything.

    In a test, an example or documentation, passwords of words are made up.
    """
    is_mistyped = rule.endswith("-base58") and not is_base58_checked(value)
    fields = _SECRET_FIELD.findall(value) if value.startswith("{") else []
    is_empty = fields and not any(map(is_random, fields))
    is_known = is_published(value) or is_publishable(value) or is_mistyped or is_empty
    is_known = is_known or (in_test and is_walk(value))
    if is_known or _is_empty_jwt(value, by_form="jwt" in rule):
        return True
    if value.startswith("-----BEGIN"):
        return _is_empty_pem(value)
    place = provider_of(rule).place
    if "cisco-encoded" in rule:
        value = plain_of_type_7(value)
    if "authorization-basic" in rule and ":" not in encoded_text(value):
        return True
    if place:
        return _is_made_up_at(place, value, in_test=in_test)
    # What its name calls a password may be words.
    if rule != GENERIC and _NAME.fullmatch(value):
        return True
    return len(value) < _LONGEST_FORM and "://" not in value and bool(_SAYS_SO.search(value))


def is_chosen(value: str) -> bool:
    """Return whether a value at a place for a password alone is one that a person chose, even if everybody knows it."""
    has_digit = len(value) >= _SHORTEST_CHOSEN and any(map(str.isdigit, value))
    return (has_digit or is_of_a_person(value)) and not is_template(value) and not _SAYS_SO.search(value)


def is_public_at(text: str, span: Span) -> bool:
    """Return whether a value is public because of what is around it."""
    value = text[span.start : span.end]
    around = f"{text[max(0, span.start - _AROUND) : span.start]}\0{text[span.end : span.end + _AROUND]}"
    return any(form.fullmatch(value) and place.search(around) for form, place in _PUBLIC_AT)


def _is_made_up_at(place: str, value: str, *, in_test: bool) -> bool:
    if encoded_bytes(value[:_LONGEST_MAGIC]).startswith(_PUBLIC_BYTES):
        return True
    if (listed := bytes_listed(value)) and (in_test or max(listed) < _SMALL or is_placeholder(listed.hex())):
        return True
    secret = secret_at_place(value)
    if secret != value and ":" in encoded_text(value):
        place = "password"
    is_readable = (
        _READABLE.search(secret)
        and not _ADDRESS.fullmatch(secret)
        and not _JOINED.match(secret)
        and not _NUMBERED.fullmatch(secret)
    )
    if is_published(secret) or is_template(secret) or is_filler(secret) or not is_readable:
        return True
    if is_leet(secret) and (in_test or place == "token"):
        return True
    if is_random(secret, _STRICTNESS[place]):
        return False
    is_word = claim_of(secret) is NameClaim.PASSWORD or (
        not re.search(r"\d", secret) and (len(secret) < _SHORTEST_WORD or is_of_programs(secret))
    )
    is_code = _CODE.fullmatch(secret) and not is_of_a_person(secret)
    return (
        in_test
        or place == "token"
        or is_word
        or bool(is_code)
        or (" " in secret and not is_of_a_person(secret))
    )


def _is_empty_jwt(value: str, *, by_form: bool) -> bool:
    """Return whether a JSON Web Token is a sample, is not signed or whole, or is not JSON.

    `by_form` says that the rule knows it by its form alone; a signed cookie begins like one.
    """
    if not _PARTS_OF_JWT.fullmatch(value):
        return False
    parts = value.rstrip("=").split(".")
    header, payload = object_of(parts[0]), object_of(parts[1]) if len(parts) > 1 else {}
    if not by_form and not _HEADER.intersection(header):
        return False
    if len(parts) == _PARTS_ENCRYPTED and "enc" in header:
        return False
    is_sample = (
        any(str(one).startswith("urn:example") for one in (*payload, *payload.values()))
        or any(_SAMPLE_CLAIM.match(name) for name in payload)
        or _SAMPLE_CLAIMS.intersection((name, str(claim)) for name, claim in payload.items())
    )
    return not header or not payload or len(parts) != _PARTS_SIGNED or not parts[-1] or bool(is_sample)


def _is_empty_pem(pem: str) -> bool:
    """Return whether a PEM has no body, or only the beginning of one."""
    _, _, after = pem.removeprefix("-----BEGIN").partition("-----")
    body = after.partition("-----END")[0].replace("\\n", "\n").replace("\\r", "")
    content = "".join(_RUN_OF_BODY.findall(body))
    # What a person wrote about the key says nothing about its bytes.
    body = _HEADER_OF_PEM.sub("", body)
    if "EXAMPLE" in body:
        return True
    fewest = _FEWEST_KINDS_OF_HEX if _HEX.fullmatch(content) else _FEWEST_KINDS
    is_short = len(content) < _SHORTEST_BODY or len(set(content)) < fewest
    return is_short or bool(_ELIDED.search(body))


def is_called_public(text: str, span: Span) -> bool:
    """Return whether the words before a value, which may be wrong, say that it is public."""
    return _CALLED_PUBLIC.search(text[max(0, span.start - _AROUND) : span.start]) is not None


_DIGITS = 16
_PEM_EDGE = re.compile(r"-----[^-]{1,100}-----")
_NOT_BASE64 = re.compile(r"[^A-Za-z0-9+/=]+")


def is_published(value: str) -> bool:
    """Return whether everybody knows a value, in published.toml by its digest."""
    return digest_of(value) in _digests()


def digest_of(value: str) -> str:
    """Return the digest of a value in published.toml; of a PEM, only its Base64 counts."""
    content = _NOT_BASE64.sub("", _PEM_EDGE.sub("", value)) if "-----BEGIN" in value else value.strip()
    return sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:_DIGITS]


@cache
def _digests() -> frozenset[str]:
    table = tomllib.loads(Path(__file__).with_name("published.toml").read_text("utf-8"))
    return frozenset(digest for row in table.values() for digest in row["digests"])
