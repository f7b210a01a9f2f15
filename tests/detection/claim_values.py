"""Values with claims, built at run time; none gives access to anything."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any


def encoded(document: object) -> str:
    """Return a document as base64url of its JSON, without padding."""
    return base64.urlsafe_b64encode(json.dumps(document).encode()).rstrip(b"=").decode()


def jwt(payload: object, header: Any = None) -> str:
    return ".".join([encoded(header or {"alg": "HS256", "typ": "JWT"}), encoded(payload), "c2lnbmF0dXJl"])


def aws_key_id(account: int, prefix: str = "AK" + "IA") -> str:
    """Return the id of an account's access key; its last characters mean nothing."""
    number = (account << 7) | 0x2A
    return prefix + base64.b32encode(number.to_bytes(6, "big") + b"\x11\x22\x33\x44").decode()


def pypi(caveats: Iterable[object]) -> str:
    """Return a macaroon with some caveats and an invalid signature."""
    sections = [_packet(1, b"example.com") + _packet(2, b"\x00id"), *map(_caveat, caveats)]
    macaroon = b"\x02" + b"\x00".join(sections) + b"\x00\x00" + _packet(6, b"s" * 32)
    return "py" + "pi-" + base64.urlsafe_b64encode(macaroon).rstrip(b"=").decode()


def openssh(cipher: str) -> str:
    """Return a private key in OpenSSH's format up to the name of its cipher, then zeros."""
    name = cipher.encode()
    content = b"openssh-key-v1\x00" + len(name).to_bytes(4, "big") + name + bytes(100)
    body = base64.b64encode(content).decode()
    lines = [body[at : at + 70] for at in range(0, len(body), 70)]
    return pem("OPENSSH PRIVATE", "\n".join(lines))


def pem(kind: str, body: str) -> str:
    return f"-----BEGIN {kind} " + f"KEY-----\n{body}\n-----END {kind} KEY-----\n"


def _caveat(caveat: object) -> bytes:
    return _packet(2, json.dumps(caveat).encode())


def _packet(kind: int, content: bytes) -> bytes:
    length = len(content)
    size = bytes([length]) if length < 0x80 else bytes([0x80 | length & 0x7F, length >> 7])
    return bytes([kind]) + size + content
