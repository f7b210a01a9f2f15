"""The claims of a JSON Web Token; its signature is not checked, and claims that name a person are not read."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from tokenward.detection.claims.values import bytes_of, date_of, date_shown, object_of, text_of
from tokenward.model import NO_CLAIMS, Claims

_RUN = re.compile(r"[A-Za-z0-9_.-]+")
_ALONE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
_HEADER = "eyJ"
"""The start of `{"` in Base64."""
_TWICE = "ZXlK"
"""The start of the above in Base64."""
_MOST_TRIED = 8
_NAMED = {
    "issuer": ("iss",),
    "audience": ("aud",),
    "scope": ("scope", "scp"),
    "role": ("role",),
}


def jwt_claims(value: str) -> Claims:
    """Return the claims of the first JWT in a value, which may be Base64-encoded; none if there is no JWT.

    Its dates count only if the value is nothing but the JWT, because the rest may last longer.
    """
    for payload in _payloads(value):
        claims = _claims(payload)
        return claims if _ALONE.fullmatch(value.strip()) else Claims(facts=claims.facts)
    if value.startswith(_TWICE):
        return jwt_claims(bytes_of(value).decode("ascii", "replace"))
    return NO_CLAIMS


def _payloads(value: str) -> Iterator[dict[str, Any]]:
    tried = 0
    for run in _RUN.finditer(value):
        parts = run[0].split(".")
        for first, second in pairwise(parts):
            # GitHub puts the purpose of a JWT in front of it.
            start = first.find(_HEADER)
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
