"""Addresses: the first part of a URL, for which a tool wants a credential."""

from __future__ import annotations

import re

from tokenward.records import dataclass

# Cargo puts `sparse+` in front of an index over HTTP, and `registry+` stands for one in git. A registry's index names
# the host that gets its token, so an index must not share the record of a host.
_SCHEMES = {
    f"{prefix}{scheme}": port
    for prefix in ("", "sparse+", "registry+")
    for scheme, port in (("https", 443), ("http", 80))
}
_LONGEST = 2048
_URL = re.compile(
    r"([a-z+]+)://(?:([^/?#@:\\%]*)(:[^/?#@\\]*)?@)?"
    r"([a-z0-9_](?:[a-z0-9._-]{0,251}[a-z0-9_])?|\[[0-9a-f:.]{2,45}\])(?::([0-9]{1,5}))?(/[^?#\\%]*)?",
    re.IGNORECASE | re.ASCII,
)


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The scheme, host, port and path of a URL in their only spelling; the path has no slash at its ends."""

    scheme: str
    host: str
    port: int
    path: str = ""

    def __str__(self) -> str:
        port = "" if self.port == _SCHEMES[self.scheme] else f":{self.port}"
        return f"{self.origin}{port}{'/' if self.path else ''}{self.path}"

    @property
    def origin(self) -> str:
        """Return the scheme and the host."""
        return f"{self.scheme}://{self.host}"

    @property
    def is_encrypted(self) -> bool:
        """Return whether a password sent there is encrypted, or stays on this machine."""
        return self.scheme.endswith("https") or self.host in {"localhost", "127.0.0.1", "[::1]"}

    def covers(self, other: Address) -> bool:
        """Return whether another address is this one or lies below it."""
        if (self.scheme, self.host, self.port) != (other.scheme, other.host, other.port):
            return False
        return not self.path or f"{other.path}/".startswith(f"{self.path}/")


def parse_url(url: str) -> tuple[Address, str]:
    """Return the address in a URL, and its user name; empty without one.

    Only a URL that every tool reads in the same way has an address: none with a password, a query, a percent sign, a
    dot segment, a character that is not printable, or a host with letters beyond ASCII.

    Raises:
        ValueError: it has none.
    """
    match = _URL.fullmatch(url) if len(url) <= _LONGEST and url.isprintable() else None
    if match is None:
        raise ValueError
    scheme, user, password, host, port, path = match.groups()
    scheme, host, path = scheme.lower(), host.lower(), (path or "").strip("/")
    number = int(port) if port else _SCHEMES.get(scheme, 0)
    is_plain = not path or not {"", ".", ".."} & set(path.split("/"))
    if scheme not in _SCHEMES or password or ".." in host or not 0 < number < 65536 or not is_plain:
        raise ValueError
    return Address(scheme, host, number, path), user or ""
