"""The samples beside our rules, with values made at run time.

`«…»` marks a span that the rule must find exactly; the marks are not part of the text. `⟦…⟧` is filled with random
characters by a seed: `⟦[A-Za-z0-9]{20}⟧`, `⟦[0-9]{8,10}-[a-f]{4}⟧`, or one of MAKERS with its argument,
`⟦crc32:np⟧`. A value that occurs twice in a text is named and then repeated: `⟦a=[0-9]{6}⟧ ⟦a⟧`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import re
import uuid
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

import tokens
from tokenward.detection.claims import keys
from tokenward.detection.rules.own_rules import rule_files
from tokenward.model import Span

_FIELD = re.compile(r"⟦([^⟧]*)⟧")
_NAMED = re.compile(r"([a-z]+)=(.*)", re.DOTALL)
_PART = re.compile(r"\[((?:\\.|[^\]\\])+)\](?:\{(\d+)(?:,(\d+))?\})?|\\(.)|(.)", re.DOTALL)
_RANGE = re.compile(r"\\(.)|(.)-(.)|(.)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Sample:
    """A sample of a rule, before its fields are filled.

    Attributes:
        rule: the rule's full id.
        number: its position among the rule's samples.
        path: the path of the file to scan.
        template: the text, with marks and fields.
        matches: whether the rule must find the marked spans, or nothing at all.
    """

    rule: str
    number: int
    path: str
    template: str
    matches: bool

    def filled(self, seed: int) -> tuple[str, list[Span]]:
        """Return the text, and the marked spans in it."""
        return _without_marks(fill(self.template, random.Random(f"{self.rule} {self.number} {seed}")))

    def __str__(self) -> str:
        return f"{self.rule.removeprefix('tokenward.')}-{self.number}{'' if self.matches else '-not'}"


def rules() -> Iterator[dict[str, Any]]:
    """Yield all our rules as their files define them."""
    for path in rule_files():
        yield from rules_of(path)


def rules_of(path: Path) -> list[dict[str, Any]]:
    # Each worker reads them all; libyaml takes a tenth of the time, and is in most wheels.
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loaded: list[dict[str, Any]] = yaml.load(path.read_text("utf-8"), loader)["rules"]
    return loaded


def samples_of(rule: dict[str, Any]) -> list[Sample]:
    written = rule.get("samples") or {}
    both = [(item, True) for item in written.get("match") or ()]
    both += [(item, False) for item in written.get("no_match") or ()]
    return [_sample(rule["id"], number, item, matches) for number, (item, matches) in enumerate(both)]


def fill(template: str, source: random.Random) -> str:
    """Return a template with all its fields filled."""
    named: dict[str, str] = {}

    def value(field: re.Match[str]) -> str:
        naming = _NAMED.fullmatch(field[1])
        if naming:
            return named.setdefault(naming[1], _made(naming[2], source))
        return named[field[1]] if field[1] in named else _made(field[1], source)

    return _FIELD.sub(value, template)


def _sample(rule: str, number: int, item: str | dict[str, str], matches: bool) -> Sample:
    path, text = ("", item) if isinstance(item, str) else (item["path"], item["text"])
    assert not path.startswith("/"), "tests write a sample to its path in a folder"
    return Sample(rule, number, path, text, matches)


def _without_marks(marked: str) -> tuple[str, list[Span]]:
    text, spans, start = "", [], 0
    for piece in re.split("([«»])", marked):
        if piece == "«":
            start = len(text)
        elif piece == "»":
            spans.append(Span(start, len(text)))
        else:
            text += piece
    return text, spans


def _made(field: str, source: random.Random) -> str:
    name, _, argument = field.partition(":")
    return MAKERS[name](argument, source) if name in MAKERS else _pattern(field, source)


def _pattern(pattern: str, source: random.Random) -> str:
    filled = ""
    for part in _PART.finditer(pattern):
        characters, fewest, most, escaped, literal = part.groups()
        if characters is None:
            filled += escaped or literal
        else:
            count = source.randint(int(fewest or 1), int(most or fewest or 1))
            filled += "".join(source.choices(_alphabet(characters), k=count))
    return filled


def _alphabet(characters: str) -> str:
    alphabet = ""
    for escaped, first, last, single in (match.groups() for match in _RANGE.finditer(characters)):
        codes = range(ord(first), ord(last) + 1) if first else ()
        alphabet += "".join(map(chr, codes)) or escaped or single
    return alphabet


def _crc32(prefix: str, source: random.Random) -> str:
    """Make a token like those of GitHub and npm: a prefix, 30 characters, and their checksum."""
    body = _pattern("[0-9A-Za-z]{30}", source)
    return prefix + body + tokens.base62(zlib.crc32(body.encode()), 6)


def _jwt(claims: str, source: random.Random) -> str:
    """Make a JSON Web Token with an invalid signature; `exp`, `iat` … name claims to include."""
    times = {claim: 2_000_000_000 + source.randint(0, 10**6) for claim in claims.split(",") if claim}
    body = {"sub": _pattern("[a-z0-9]{12}", source), "iss": "https://id.example.com", **times}
    signature = base64.urlsafe_b64encode(source.randbytes(32)).decode().rstrip("=")
    parts = (json.dumps(part, separators=(",", ":")) for part in ({"alg": "HS256", "typ": "JWT"}, body))
    return ".".join(
        [*(base64.urlsafe_b64encode(part.encode()).decode().rstrip("=") for part in parts), signature]
    )


def _pem(kind: str, source: random.Random) -> str:
    """Make a PEM of the right shape; its bytes are no real key."""
    body = base64.b64encode(source.randbytes(1200)).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    name = kind or "RSA " + "PRIVATE KEY"
    return "\n".join([f"-----BEGIN {name}-----", *lines, f"-----END {name}-----"])


def _uuid(_: str, source: random.Random) -> str:
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def _bytes(count: str, source: random.Random) -> str:
    """Make random bytes in Base64."""
    return base64.b64encode(source.randbytes(int(count))).decode()


def _base64(template: str, source: random.Random) -> str:
    return base64.b64encode(_pattern(template, source).encode()).decode()


def _base64_url(template: str, source: random.Random) -> str:
    return base64.urlsafe_b64encode(_pattern(template, source).encode()).decode().rstrip("=")


def _base58(version: str, source: random.Random) -> str:
    """Make a key in Base58Check of a version in hex: WIF, an extended private key, or Tezos's."""
    body = {"80": 32, "0488ade4": 74, "0d0f3a07": 32}[version]
    data = bytes.fromhex(version) + source.randbytes(body) + (b"\1" if version == "80" else b"")
    data += hashlib.sha256(hashlib.sha256(data).digest()).digest()[:4]
    number, digits = int.from_bytes(data), ""
    while number:
        number, digit = divmod(number, 58)
        digits = keys.BASE58[digit] + digits
    return digits


def _numbers(count: str, source: random.Random) -> str:
    """Make a list of random bytes as programs write them, or, with `64d`, as JSON does."""
    forms = ["{}, ", "{},", *([] if count.endswith("d") else ["0x{:02X}, ", "0x{:02x},"])]
    form, count = source.choice(forms), count.rstrip("d")
    return "".join(form.format(one) for one in source.randbytes(int(count))).rstrip(", ")


MAKERS: dict[str, Callable[[str, random.Random], str]] = {
    "crc32": _crc32,
    "jwt": _jwt,
    "pem": _pem,
    "pem-line": lambda kind, source: _pem(kind, source).replace("\n", "\\n"),
    "uuid": _uuid,
    "bytes": _bytes,
    "base64": _base64,
    "base64url": _base64_url,
    "base58": _base58,
    "numbers": _numbers,
}
