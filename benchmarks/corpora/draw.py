"""Random values that depend on a seed alone."""

from __future__ import annotations

import base64
import json
import random
import string
import zlib
from collections.abc import Sequence
from typing import TypeVar

ALPHANUMERIC = string.digits + string.ascii_uppercase + string.ascii_lowercase
SAFE_SYMBOLS = "!#%*+-=?@^_~"
"""Characters that need no escape in any carrier's format, unless they come first."""
WORDS = (
    "amber", "anchor", "apple", "arrow", "basil", "beacon", "birch", "bridge", "candle", "canyon", "cedar",
    "cobalt", "copper", "coral", "delta", "ember", "fabric", "falcon", "garden", "glacier", "harbor", "hazel",
    "island", "ivory", "jasmine", "kettle", "lagoon", "lantern", "maple", "marble", "meadow", "nectar",
    "orchid", "pepper", "pioneer", "quartz", "raven", "river", "saffron", "silver", "summit", "thunder",
    "timber", "tulip", "velvet", "violet", "walnut", "willow", "winter",
)  # fmt: skip
_T = TypeVar("_T")


class Draw:
    """A stream of random choices."""

    def __init__(self, *seed: object) -> None:
        self._random = random.Random(repr(seed))  # the repr, since a hash differs from run to run

    def of(self, alphabet: str, count: int) -> str:
        return "".join(self._random.choices(alphabet, k=count))

    def number(self, least: int, most: int) -> int:
        return self._random.randint(least, most)

    def one(self, choices: Sequence[_T]) -> _T:
        return self._random.choice(choices)

    def some(self, choices: Sequence[_T], count: int) -> list[_T]:
        return self._random.sample(choices, min(count, len(choices)))

    def chance(self, share: float) -> bool:
        return self._random.random() < share

    def raw(self, count: int) -> bytes:
        return self._random.randbytes(count)

    def hex(self, count: int) -> str:
        return self.of("0123456789abcdef", count)

    def digits(self, count: int) -> str:
        return self.of("123456789", 1) + self.of(string.digits, count - 1)

    def alphanumeric(self, count: int) -> str:
        return self.of(ALPHANUMERIC, count)

    def lower(self, count: int) -> str:
        return self.of(string.ascii_lowercase + string.digits, count)

    def upper(self, count: int) -> str:
        return self.of(string.ascii_uppercase + string.digits, count)

    def url_safe(self, count: int) -> str:
        """Draw URL-safe Base64 that begins and ends with a letter or digit, so that its ends are clear."""
        middle = self.of(ALPHANUMERIC + "-_", count - 2)
        return self.alphanumeric(1) + middle + self.alphanumeric(1)

    def base32(self, count: int) -> str:
        return self.of(string.ascii_uppercase + "234567", count)

    def base64(self, size: int) -> str:
        return base64.b64encode(self.raw(size)).decode()

    def uuid(self) -> str:
        digits = self.hex(32)
        return (
            f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{self.of('89ab', 1)}{digits[17:20]}-{digits[20:]}"
        )

    def checked(self, prefix: str) -> str:
        """Draw 30 characters and 6 of their checksum, like the tokens of GitHub and npm."""
        body = self.alphanumeric(30)
        return prefix + body + _base62(zlib.crc32(body.encode()), 6)

    def jwt(self, **claims: object) -> str:
        header = {"alg": self.one(["RS256", "HS256", "ES256"]), "typ": "JWT", "kid": self.lower(8)}
        default = {
            "sub": self.uuid(),
            "iat": 1_780_000_000 + self.number(0, 9_999_999),
            "iss": "auth.example.com",
        }
        return f"{_part(header)}.{_part({**default, **claims})}.{self.url_safe(self.one([43, 86, 342]))}"

    def password(self, count: int) -> str:
        return self.alphanumeric(1) + self.of(ALPHANUMERIC + SAFE_SYMBOLS, count - 2) + self.alphanumeric(1)

    def word(self) -> str:
        return self.one(WORDS)

    def pem(self, name: str = "RSA ", size: int = 1190) -> list[str]:
        """Draw the lines of a private key in PEM; it is no real key."""
        body = self.base64(size)
        lines = [body[i : i + 64] for i in range(0, len(body), 64)]
        kind = f"{name}PRIVATE " + "KEY-----"
        return [f"-----BEGIN {kind}", *lines, f"-----END {kind}"]

    def host(self) -> str:
        return f"{self.word()}.{self.word()}.example.{self.one(['com', 'org', 'net'])}"


def _part(claims: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")


def _base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = ALPHANUMERIC[digit] + digits
    return digits.rjust(width, "0")
