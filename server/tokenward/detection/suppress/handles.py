"""Decides whether a value that is called a token or a key only marks a page, a request, a version or a file."""

from __future__ import annotations

import re

from tokenward.detection.generic.names import names_a_handle
from tokenward.detection.generic.randomness import UUID
from tokenward.model import Span

_NAME_BEFORE = re.compile(
    r"([A-Za-z][\w.-]{2,59})(?:\\{0,3}[\"'`\]]){0,2}(?:\s{0,4}(?:=>|:=|[:=>])\s{0,4}|,?\s{1,8})\\{0,3}[\"'`]?\Z"
)
_LONGEST_BEFORE = 90
_OF_A_CALL = re.compile(
    r"(?i:(?:--)?[a-z-]*(?:client|request|action|operation|activity|task|job|upload)[_-]?tokens?)\Z"
)
"""What makes a call idempotent, or names one that is running, if it is a UUID; in snake case, Vault's tokens."""
_NUMBERED_KIND = re.compile(r"([a-z]+(?:-[a-z]+)*)-(?=[a-z]*\d)[0-9a-z]{8,20}")
_OBJECT = re.compile(r"[a-z][\w-]*/[\w./-]+")
_OF_AN_ADDRESS = re.compile(r"[?&](?:amp;)?key=\Z")


def is_handle(text: str, span: Span) -> bool:
    """Return whether a value is a cursor, makes a request idempotent, is an id of a resource, or an object's name."""
    value = text[span.start : span.end]
    before = text[max(0, span.start - _LONGEST_BEFORE) : span.start]
    if _OF_AN_ADDRESS.search(before):
        return _OBJECT.fullmatch(value) is not None
    named = _NAME_BEFORE.search(before)
    if named is None:
        return False
    name = named[1]
    if UUID.fullmatch(value) and "_" not in name and _OF_A_CALL.search(name):
        return True
    return names_a_handle(name) or _is_id_of_its_kind(name, value)


def _is_id_of_its_kind(name: str, value: str) -> bool:
    """Return whether a value is an id that begins with its name, as in `ExportToken: export-token-…`."""
    kind = _NUMBERED_KIND.fullmatch(value)
    letters = re.sub(r"[^a-z]", "", name.lower())
    return (
        kind is not None
        and letters.endswith("token")
        and letters != "token"
        and kind[1].replace("-", "") in (letters, letters.removesuffix("token"))
    )
