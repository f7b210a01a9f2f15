"""The claims in the format of a key: its checksum, mode, account or encryption."""

from __future__ import annotations

import base64
import re
import string
import zlib
from collections.abc import Iterator
from hashlib import sha256

from tokenward.detection.claims.values import bytes_of, date_of, object_of, text_of
from tokenward.model import NO_CLAIMS, Claims

_CHECKED = re.compile(r"(?:gh[pousr]|npm)_([A-Za-z0-9]{30})([A-Za-z0-9]{6})")
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
BASE58 = "".join(one for one in string.digits + string.ascii_letters.swapcase() if one not in "0OIl")
_AWS_ID = re.compile(r"(?:AKIA|ASIA)[A-Z2-7]{16}")
_TEMPORARY_ID = "ASIA"
_WITHOUT_ACCOUNT = "IJ"
"""The letters after `AKIA` in old ids, which contain no account."""
_MOST_ACCOUNTS = 10**12
_MODE = re.compile(r"[sr]k_(test|live)_")
"""Prefixes of Stripe, and of providers whose keys look alike."""
_PUBLIC = re.compile(r"pk_(?:test|live)_|pk\.eyJ")
"""Publishable keys of those providers and of Mapbox, which are meant for web pages."""
_SLACK_WEBHOOK = re.compile(r"/services/(T[A-Z0-9]{8,14})/")
_GITHUB_APP = re.compile(r"ghs_([0-9]{1,20})_")
_OPENSSH = b"openssh-key-v1\0"
_OPENSSH_HEAD = 60
"""The Base64 characters that contain the name of the cipher."""
_PASSPHRASE = ("protection", "a passphrase")


def key_claims(value: str) -> Claims:
    """Return the claims in the format of a key, if any."""
    if checked := _CHECKED.fullmatch(value):
        return Claims(checksum=_base62(zlib.crc32(checked[1].encode())) == checked[2])
    if value.startswith("sntrys_"):
        payload = object_of(value.partition("_")[2].rpartition("_")[0])
        organization = text_of(payload.get("org"))
        return Claims(
            issued=date_of(payload.get("iat")),
            facts=(("organization", organization),) if organization else (),
        )
    facts = tuple(_facts(value))
    return Claims(facts=facts) if facts else NO_CLAIMS


def is_base58_checked(value: str) -> bool:
    """Return whether a value in Base58 ends with the checksum of the rest, as keys of wallets do."""
    number = 0
    for character in value:
        number = number * len(BASE58) + BASE58.index(character)
    data = number.to_bytes((number.bit_length() + 7) // 8)
    return sha256(sha256(data[:-4]).digest()).digest()[:4] == data[-4:]


def aws_account(key_id: str) -> str:
    """Return the 12-digit account in an AWS access key id; empty if absent."""
    if not _AWS_ID.fullmatch(key_id) or key_id[4] in _WITHOUT_ACCOUNT:
        return ""
    number = int.from_bytes(base64.b32decode(key_id[4:])[:6], "big")
    account = (number & 0x7FFF_FFFF_FF80) >> 7
    return f"{account:012d}" if account < _MOST_ACCOUNTS else ""


def _facts(value: str) -> Iterator[tuple[str, str]]:
    if account := aws_account(value):
        yield "AWS account", account
    if value.startswith(_TEMPORARY_ID) and _AWS_ID.fullmatch(value):
        yield "credential", "temporary"
    if mode := _MODE.match(value):
        yield "mode", mode[1]
    if _PUBLIC.match(value):
        yield "mode", "public"
    if webhook := _SLACK_WEBHOOK.search(value):
        yield "Slack workspace", webhook[1]
    if app := _GITHUB_APP.match(value):
        yield "GitHub App", app[1]
    if value.startswith("-----BEGIN") and _is_encrypted(value):
        yield _PASSPHRASE


def _is_encrypted(pem: str) -> bool:
    first_line, _, rest = pem.partition("\n")
    if "ENCRYPTED PRIVATE KEY" in first_line or rest.startswith("Proc-Type: 4,ENCRYPTED"):
        return True
    head = bytes_of(rest[:_OPENSSH_HEAD].strip())
    name = head[len(_OPENSSH) + 4 :]
    return head.startswith(_OPENSSH) and not name.startswith(b"none")


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, len(_BASE62))
        digits = _BASE62[digit] + digits
    return digits.rjust(6, "0")
