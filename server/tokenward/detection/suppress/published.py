"""Values that their owners published, such as the keys of emulators and the samples of documentation."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from hashlib import sha256
from importlib.resources import files

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
    table = tomllib.loads((files("tokenward.detection.suppress") / "published.toml").read_text("utf-8"))
    return frozenset(digest for row in table.values() for digest in row["digests"])
