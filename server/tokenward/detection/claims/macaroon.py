"""The claims of a PyPI token: it is a macaroon (version 2) whose caveats are JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tokenward.detection.claims.values import bytes_of, date_of, text_of
from tokenward.model import NO_CLAIMS, Claims

_PREFIX = "pypi-"
_VERSION = 2
_IDENTIFIER = 2
_MOST_PACKETS = 50
_EXPIRATION, _PROJECTS = 0, 1
"""The tags of PyPI's caveats."""


def macaroon_claims(value: str) -> Claims:
    """Return the expiry and the projects of a PyPI token; nothing for any other value."""
    if not value.startswith(_PREFIX):
        return NO_CLAIMS
    issued = expires = None
    projects: list[str] = []
    for caveat in _caveats(bytes_of(value[len(_PREFIX) :])):
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
        if kind == _IDENTIFIER:
            try:
                yield json.loads(content.decode("utf-8"))
            except (ValueError, RecursionError):
                continue


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each packet's kind (a byte) and content, whose length is a varint of at most two bytes."""
    at = 1 if data[:1] == bytes([_VERSION]) else len(data)
    for _ in range(_MOST_PACKETS):
        kind, low, high = (*data[at : at + 3], 0, 0, 0)[:3]
        if not kind:
            at += 1
            continue
        length, at = (low, at + 2) if low < 0x80 else (low - 0x80 + high * 0x80, at + 3)
        yield kind, data[at : at + length]
        at += length
