"""The claims of tokens that hold some: a JSON Web Token, a PyPI token, a signed URL.

The signature of a JSON Web Token is not checked, and claims that name a person are not read. A PyPI token is a macaroon
(version 2) whose caveats are JSON. Signed URLs are those of Azure (a shared access signature), AWS and Google Cloud
Storage.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any
from urllib.parse import parse_qsl

from tokenward.detection.claims.keys import aws_account
from tokenward.detection.claims.values import bytes_of, date_of, date_of_text, date_shown, object_of, text_of
from tokenward.model import NO_CLAIMS, Claims

_RUN = re.compile(r"[A-Za-z0-9_.-]+")
_ALONE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_JWT_START = "eyJ"
"""The start of `{"` in Base64."""
_ENCODED_JWT_START = "ZXlK"
"""The start of the above in Base64."""
_MOST_TRIED = 8
_NAMED = {
    "issuer": ("iss",),
    "audience": ("aud",),
    "scope": ("scope", "scp"),
    "role": ("role",),
}
_PYPI_PREFIX = "pypi-"
_MACAROON_VERSION = 2
_IDENTIFIER_FIELD = 2
_MOST_PACKETS = 50
_EXPIRATION, _PROJECTS = 0, 1
"""The tags of PyPI's caveats."""
_SERVICE_BUS = "SharedAccessSignature "
_NOT_IN_A_URL = re.compile(r"[\s\"'<>{}\\]")
_MOST_FIELDS = 50
_MOST_RIGHTS = 20
_LONGEST_LIFE = 10**9
_AZURE_DATES = ("%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%MZ", "%Y-%m-%d", "%Y-%m-%dT%H:%M:%S.%fZ")
_AWS_STAMP = "%Y%m%dT%H%M%SZ"
_RIGHTS = {"r": "read", "a": "add", "c": "create", "w": "write", "d": "delete", "l": "list", "u": "update"}
_RESOURCES = {
    "b": "one blob",
    "bs": "one snapshot of a blob",
    "bv": "one version of a blob",
    "c": "a container",
    "d": "a directory",
    "f": "one file",
    "s": "a file share",
}


def jwt_claims(value: str) -> Claims:
    """Return the claims of the first JWT in a value, which may be Base64-encoded; none if there is no JWT.

    Its dates count only if the value is nothing but the JWT, because the rest may last longer.
    """
    for payload in _payloads(value):
        claims = _claims(payload)
        return claims if _ALONE.fullmatch(value.strip()) else Claims(facts=claims.facts)
    if value.startswith(_ENCODED_JWT_START):
        return jwt_claims(bytes_of(value).decode("ascii", "replace"))
    return NO_CLAIMS


def _payloads(value: str) -> Iterator[dict[str, Any]]:
    tried = 0
    for run in _RUN.finditer(value):
        parts = run[0].split(".")
        for first, second in pairwise(parts):
            # GitHub puts the purpose of a JWT in front of it.
            start = first.find(_JWT_START)
            if start < 0:
                continue
            tried += 1
            if "alg" in object_of(first[start:]) and (payload := object_of(second)):
                yield payload
            if tried == _MOST_TRIED:
                return


def _claims(payload: Mapping[str, Any]) -> Claims:
    begins = date_of(payload.get("nbf"))
    issued = date_of(payload.get("iat"))
    texts = {
        name: next((text for key in keys if (text := text_of(payload.get(key)))), "")
        for name, keys in _NAMED.items()
    }
    if begins is not None and begins != issued:
        texts["valid from"] = date_shown(begins)
    facts = tuple((name, text) for name, text in texts.items() if text)
    return Claims(issued, date_of(payload.get("exp")), facts)


def macaroon_claims(value: str) -> Claims:
    """Return the expiry and the projects of a PyPI token; nothing for any other value."""
    if not value.startswith(_PYPI_PREFIX):
        return NO_CLAIMS
    issued = expires = None
    projects: list[str] = []
    for caveat in _caveats(bytes_of(value[len(_PYPI_PREFIX) :])):
        match caveat:
            case [tag, int(end), int(begin)] if tag == _EXPIRATION:
                issued, expires = date_of(begin), date_of(end)
            case [tag, list(names)] if tag == _PROJECTS:
                projects = names
            case {"permissions": {"projects": list(names)}}:
                projects = names
    shown = text_of(projects)
    return Claims(issued, expires, (("projects", shown),) if shown else ())


def _caveats(data: bytes) -> Iterator[object]:
    """Yield the identifiers that are JSON, which excludes the first, the token's own."""
    for kind, content in _packets(data):
        if kind == _IDENTIFIER_FIELD:
            try:
                yield json.loads(content.decode("utf-8"))
            except (ValueError, RecursionError):
                continue


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each packet's kind (a byte) and content, whose length is a varint of at most two bytes."""
    at = 1 if data[:1] == bytes([_MACAROON_VERSION]) else len(data)
    for _ in range(_MOST_PACKETS):
        kind, low, high = (*data[at : at + 3], 0, 0, 0)[:3]
        if not kind:
            at += 1
            continue
        length, at = (low, at + 2) if low < 0x80 else (low - 0x80 + high * 0x80, at + 3)
        yield kind, data[at : at + length]
        at += length


def url_claims(value: str) -> Claims:
    """Return the claims of a signed URL, or of its query; none for anything else."""
    fields = _fields(value)
    if "sig" in fields and "se" in fields:
        letters = dict.fromkeys(fields.get("sp", "")[:_MOST_RIGHTS])
        facts = {
            "rights": text_of([_RIGHTS.get(letter, letter) for letter in letters]),
            "opens": _RESOURCES.get(fields.get("sr", ""), ""),
        }
        known = tuple((name, text) for name, text in facts.items() if text)
        return Claims(_azure_date(fields.get("st", "")), _azure_date(fields["se"]), known)
    for vendor in ("X-Amz", "X-Goog"):
        if f"{vendor}-Signature" in fields:
            issued = date_of_text(fields.get(f"{vendor}-Date", ""), _AWS_STAMP)
            life = fields.get(f"{vendor}-Expires", "")
            expires = None
            if issued is not None and life.isascii() and life.isdigit():
                expires = date_of(issued + min(int(life[:12]), _LONGEST_LIFE))
            account = aws_account(fields.get(f"{vendor}-Credential", "").partition("/")[0])
            return Claims(issued, expires, (("AWS account", account),) if account else ())
    return NO_CLAIMS


def _fields(value: str) -> dict[str, str]:
    url = value.removeprefix(_SERVICE_BUS)
    if _NOT_IN_A_URL.search(url):
        # A text that contains more may last longer.
        return {}
    query = url.rpartition("?")[2]
    try:
        return dict(parse_qsl(query, max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def _azure_date(text: str) -> int | None:
    """Read a date in the format of Storage, or in seconds since 1970 as in Service Bus."""
    if text.isascii() and text.isdigit():
        return date_of(int(text[:12]))
    return date_of_text(text, *_AZURE_DATES)
