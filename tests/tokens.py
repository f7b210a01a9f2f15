"""Makers of test tokens, one per provider.

Tokens are built at run time, so that no tracked file holds anything that a scanner would report. The same seed gives
the same token.
"""

from __future__ import annotations

import base64
import json
import random
import string
import zlib
from collections.abc import Callable, Mapping

_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_LOWER_HEX = "0123456789abcdef"
_URL_SAFE = string.ascii_letters + string.digits + "-_"


def _pick(alphabet: str, count: int, seed: object) -> str:
    return "".join(random.Random(repr((alphabet, seed))).choices(alphabet, k=count))


def base62(number: int, width: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 62)
        digits = _BASE62[digit] + digits
    return digits.rjust(width, "0")


def random_text(seed: object, length: int, prefix: str = "") -> str:
    """Make a value that no provider knows."""
    return prefix + _pick(_BASE62, length, seed)


def _with_checksum(prefix: str, seed: object) -> str:
    body = _pick(_BASE62, 30, (prefix, seed))
    return prefix + body + base62(zlib.crc32(body.encode()), 6)


def github(seed: object = 0) -> str:
    return _with_checksum("gh" + "p_", seed)


def github_oauth(seed: object = 0) -> str:
    return _with_checksum("gh" + "o_", seed)


def npm(seed: object = 0) -> str:
    return _with_checksum("np" + "m_", seed)


def gitlab(seed: object = 0) -> str:
    return "gl" + "pat-" + _pick(string.ascii_letters + string.digits, 20, ("gitlab", seed))


def anthropic(seed: object = 0) -> str:
    return "sk-" + "ant-api03-" + _pick(string.ascii_letters + string.digits, 93, ("anthropic", seed)) + "AA"


def stripe(seed: object = 0) -> str:
    return "sk_" + "live_" + _pick(_BASE62, 24, ("stripe", seed))


def slack(seed: object = 0) -> str:
    numbers = _pick("123456789", 11, ("slack", seed))
    return "xo" + f"xb-{numbers}-{numbers[::-1]}-" + _pick(_BASE62, 24, ("slack", seed))


def sendgrid(seed: object = 0) -> str:
    return "S" + "G." + _pick(_URL_SAFE, 22, ("sg1", seed)) + "." + _pick(_BASE62, 43, ("sg2", seed))


def aws(seed: object = 0) -> tuple[str, str]:
    """Make an access key's id and its secret."""
    letters = string.ascii_uppercase + "234567"
    return "AK" + "IA" + _pick(letters, 16, ("aws", seed)), _pick(_BASE62 + "/+", 40, ("aws secret", seed))


def jwt(claims: Mapping[str, object], seed: object = 0) -> str:
    """Make a JSON Web Token of the right shape; its signature is random."""
    parts = ({"alg": "HS256", "typ": "JWT"}, claims)
    encoded = (base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts)
    return ".".join([*encoded, _pick(_URL_SAFE, 43, ("jwt", seed))])


def private_key(seed: object = 0) -> str:
    """Make a PEM of the right shape; its bytes are no real key."""
    body = base64.b64encode(random.Random(repr(("pem", seed))).randbytes(1200)).decode()
    lines = [body[i : i + 64] for i in range(0, len(body), 64)]
    return "\n".join(["-----BEGIN RSA " + "PRIVATE KEY-----", *lines, "-----END RSA " + "PRIVATE KEY-----"])


ONE_LINE_MAKERS: dict[str, Callable[[object], str]] = {
    "github": github,
    "github-oauth": github_oauth,
    "npm": npm,
    "gitlab": gitlab,
    "anthropic": anthropic,
    "stripe": stripe,
    "slack": slack,
    "sendgrid": sendgrid,
}
