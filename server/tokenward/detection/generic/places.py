"""The secret in a value that its place makes one, which may be a URL, a login, or either in Base64."""

from __future__ import annotations

import base64
import binascii
import re

from tokenward.detection.generic.randomness import is_random
from tokenward.detection.generic.values import is_filler, is_leet, plain_of, unescaped

_URL = re.compile(r"[A-Za-z][\w+.-]{0,30}://[^\s/@]*?:([^\s/]+)@")
_LIST = re.compile(r"(?:0x[0-9a-fA-F]{2}|\d{1,3})(?:\s*,\s*(?:0x[0-9a-fA-F]{2}|\d{1,3})){15,}")
_SHORTEST_ENCODED = 8
_LONGEST = 4_096


def secret_at_place(value: str) -> str:
    """Return the password of a URL or of an encoded login, what a value in Base64 says, or else the value itself."""
    if url := _URL.match(value):
        return unescaped(url[1])
    if _LIST.fullmatch(value):
        return bytes_listed(value).hex()
    text = encoded_text(value)
    if text:
        return text.partition(":")[2] or text
    return unescaped(plain_of(value))


def bytes_listed(value: str) -> bytes:
    """Return the bytes whose numbers a value lists; none if it is no such list, or a number is no byte."""
    if not _LIST.fullmatch(value):
        return b""
    numbers = [int(one, 16 if "x" in one else 10) for one in value.split(",")]
    return bytes(numbers) if max(numbers) < 2**8 else b""


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
    return not is_random(secret) or is_filler(secret) or is_leet(secret)
