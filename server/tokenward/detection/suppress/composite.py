"""The parts of a composite value that may be the secret; the rest can be public, however random.

If in doubt, more parts than secrets are returned; the weakest of them counts.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import unquote

_DEEPEST = 4
"""The most levels of nested values, such as a URL in a connection string in JSON, that are split."""
_LONGEST = 65_536
"""The most characters of a value that is split; no part of a longer value counts as strong."""
_URL = re.compile(r"""[A-Za-z0-9+.-]{0,32}://([^\s"'<>`]*)""")
_AUTHORITY = re.compile(r"[^/?#]*")
_PAIRS = (
    re.compile(r'"([^"\\]{1,64})"\s*:\s*"((?:[^"\\]|\\.)*)"', re.DOTALL),
    re.compile(r"""(?<![\w.-])([A-Za-z_][\w.-]{0,63})=(?!=)["']?([^\s;&,"']+)"""),
    re.compile(r"^[ \t]*([A-Za-z_][\w.-]{0,63}):[ \t]+(\S.*)$", re.MULTILINE),
)
"""A name with its value in JSON, in a connection string, query or cookie, or in YAML or a header."""
_SECRET_NAME = re.compile(
    r"pass|phrase|pw|secret|token|key|sig|auth|cred|cookie|session|sid|jwt|sas|hash|code|bearer|otp|(?:^|_)(?:pin|pat)",
    re.IGNORECASE,
)
_PUBLIC_NAME = re.compile(
    r"^pub|(?:name|uri|url|type|alg|scope|version|host|user|expir[a-z]*(?:_?at|_?in)?)$"
    r"|(?:key|token|access|client|tenant|account|project|user)[_-]?id$",
    re.IGNORECASE,
)


def secret_parts(value: str, depth: int = _DEEPEST) -> tuple[str, ...]:
    """Return the parts of a value that may be the secret, or the value itself unless it is composite."""
    if depth == 0 or value.lstrip().startswith("-----BEGIN"):
        return (value,)
    if len(value) > _LONGEST:
        return ("",)
    text = unquote(value).replace('\\"', '"')
    pairs = [match.groups() for pattern in _PAIRS for match in pattern.finditer(text)]
    named = [part for name, part in pairs if _SECRET_NAME.search(name) and not _PUBLIC_NAME.search(name)]
    passwords = [password for url in _URL.finditer(text) if (password := _password(url[1]))]
    found = [*passwords, *_inner(named, depth)]
    if not found and "://" in text:
        # A host is public; the rest is split, because no secret continues after a slash.
        found = [_URL.sub(lambda url: _AUTHORITY.sub("", url[1], count=1).replace("/", " "), text)]
    found = found or _inner([part for _, part in pairs], depth) or _after_user(text)
    return tuple(dict.fromkeys(found)) or (value,)


def _inner(parts: Iterable[str], depth: int) -> list[str]:
    return [inner for part in dict.fromkeys(parts) for inner in secret_parts(part, depth - 1)]


def _password(url: str) -> str:
    """Return the unescaped password in a URL without its scheme, or a lone user name."""
    authority = _AUTHORITY.match(url)
    inner, at, _ = (authority[0] if authority else "").rpartition("@")
    if at:
        user, _, password = inner.partition(":")
        return password or user
    return url.rpartition("@")[0].partition(":")[2]


def _after_user(text: str) -> list[str]:
    """Return each part after a colon, as in `user:password`."""
    tails = [piece.partition(":")[2] for piece in text.split()]
    # A Go data source name continues with the host: `user:password@tcp(host)/name`.
    passwords = (tail.rpartition("@")[0] or tail for tail in tails)
    return [part for password in passwords for part in password.split(":") if part]
