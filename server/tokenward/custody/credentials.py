"""Credential records: the stored token that a credential helper answers with for an address."""

from __future__ import annotations

import re
from pathlib import Path

from tokenward.custody.ledger.database import Database
from tokenward.custody.ledger.schema import CUSTODY
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference

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

_IS_KEY = "workspace = ? AND scheme = ? AND host = ? AND port = ? AND path = ? AND user = ?"


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


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """A stored token for an address.

    Attributes:
        address: the tool's request is for this address or one below it.
        user: the user name that goes with the token; empty for any.
        reference: the token, whose workspace alone gets the answer.
    """

    address: Address
    user: str
    reference: Reference


_COLUMNS = "workspace, scheme, host, port, path, user, name"


class CredentialRecords:
    """The credential records of this machine; a workspace has at most one for an address and a user.

    They are deleted and renamed with their token's entry. Every method may raise StateDamaged.
    """

    def __init__(self, path: Path) -> None:
        self._database = Database(path, CUSTODY)

    def add(self, record: CredentialRecord) -> None:
        """Add a record, replacing the workspace's record for the same address and user."""
        query = f"INSERT OR REPLACE INTO credentials ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)"  # noqa: S608
        with self._database.write() as connection:
            connection.execute(query, (*_key(record), record.reference.name))

    def remove(self, record: CredentialRecord) -> bool:
        """Remove a record; return False if the token had none."""
        query = f"DELETE FROM credentials WHERE {_IS_KEY} AND name = ?"  # noqa: S608
        with self._database.write() as connection:
            return connection.execute(query, (*_key(record), record.reference.name)).rowcount > 0

    def matching(self, address: Address, user: str = "") -> tuple[CredentialRecord, ...]:
        """Return the records for an address, in every workspace, the most specific first.

        The user name is empty if any will do.
        """
        found = self._select(
            "scheme = ? AND host = ? AND port = ?", address.scheme, address.host, address.port
        )
        fit = (one for one in found if one.address.covers(address) and (not user or one.user in ("", user)))
        return tuple(sorted(fit, key=lambda one: (-len(one.address.path), one.user != user, one.user)))

    def in_workspace(self, name: str) -> tuple[CredentialRecord, ...]:
        """Return the records of a workspace, by address and user."""
        return self._select("workspace = ?", name)

    def _select(self, condition: str, *values: str | int) -> tuple[CredentialRecord, ...]:
        # Every condition is a constant in this file.
        query = f"""SELECT {_COLUMNS} FROM credentials WHERE {condition}
            ORDER BY host, path, scheme, port, user"""  # noqa: S608
        with self._database.read() as connection:
            return tuple(
                CredentialRecord(Address(scheme, host, port, path), user, Reference(workspace, name))
                for workspace, scheme, host, port, path, user, name in connection.execute(query, values)
            )


def _key(record: CredentialRecord) -> tuple[str | int, ...]:
    address = record.address
    return record.reference.workspace, address.scheme, address.host, address.port, address.path, record.user
