"""The secret in a value that its place makes one, which may be a URL, a login, or either in Base64."""

from __future__ import annotations

import base64
import binascii
import re

from tokenward.detection.generic.randomness import is_random
from tokenward.detection.generic.values import is_filler, unescaped

_URL = re.compile(r"[A-Za-z][\w+.-]{0,30}://[^\s/@]*?:([^\s/]+)@")
_SHORTEST_ENCODED = 8
_LONGEST = 4_096


def secret_at_place(value: str) -> str:
    """Return the password of a URL or of an encoded login, what a text in Base64 says, or else the value itself."""
    if url := _URL.match(value):
        return unescaped(url[1])
    text = encoded_text(value)
    if text:
        return text.partition(":")[2] or text
    return unescaped(value)


def encoded_text(value: str) -> str:
    """Return the printable text that a value encodes in Base64; empty if absent."""
    try:
        text = encoded_bytes(value).decode("ascii").strip()
    except UnicodeDecodeError:
        return ""
    return text if text.replace("\n", "").replace("\r", "").isprintable() else ""


def encoded_bytes(value: str) -> bytes:
    """Return what a value encodes in padded Base64; no bytes if it encodes nothing."""
    if len(value) % 4 or not _SHORTEST_ENCODED <= len(value) <= _LONGEST:
        return b""
    try:
        return base64.b64decode(value, validate=True)
    except (ValueError, binascii.Error):
        return b""


def is_easy_to_guess(value: str) -> bool:
    """Return whether the secret at a place looks like one that a person chose."""
    secret = secret_at_place(value)
    return not is_random(secret) or is_filler(secret)
