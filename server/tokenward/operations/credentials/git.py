"""Git's credential helper protocol: lines `key=value` up to an empty line (git-credential(1), gitcredentials(7))."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from tokenward.custody.credentials.address import Address, parse_url
from tokenward.errors import TokenwardError
from tokenward.model import Secret
from tokenward.operations.credentials.desk import LARGEST, CredentialDesk, Reply

_KEYS = frozenset({"protocol", "host", "path", "username", "password"})
_UNLASTING = frozenset({"ephemeral", "password_expiry_utc", "oauth_refresh_token", "authtype"})
"""The keys of a credential that is useless later, or is more than a password."""


def git(desk: CredentialDesk, words: Sequence[str], given: BinaryIO) -> Iterator[Reply]:
    """Answer `get`, `store` or `erase`; any other operation, and a request that is not sound, gets no answer."""
    fields = read_fields(given.read(LARGEST + 1))
    address = fields and address_in(fields)
    if not fields or not address:
        return
    user = fields.get("username", "")
    password = Secret(fields.get("password", ""))
    if [*words] == ["get"]:
        login = desk.find(address, user)
        if login is not None:
            yield Reply(_login_lines(login.user, login.secret))
    elif [*words] == ["store"] and user and password.reveal() and not _UNLASTING & fields.keys():
        desk.store(address, user, password)
    elif [*words] == ["erase"] and password.reveal():
        desk.forget(address, user, password)


def read_fields(content: bytes) -> Mapping[str, str] | None:
    """Return the fields of a request; None if another reader could understand it in another way."""
    text = content.decode("utf-8", "surrogateescape")
    if len(content) > LARGEST or "\0" in text:
        return None
    fields: dict[str, str] = {}
    for line in text.partition("\n\n")[0].removesuffix("\n").split("\n"):
        key, sign, value = line.partition("=")
        if not sign or (key in _KEYS and key in fields):
            return None
        if key in _KEYS and key != "password" and not value.isprintable():
            return None
        fields[key] = value
    return fields


def address_in(fields: Mapping[str, str]) -> Address | None:
    """Return the address that git asks for; a path that cannot be compared counts as none."""
    host = f"{fields.get('protocol', '')}://{fields.get('host', '')}"
    # A host with a user, a path or a query in it is none.
    if any(character in fields.get("host", "") for character in "/@?#\\"):
        return None
    for url in (f"{host}/{fields.get('path', '')}", host):
        try:
            return parse_url(url)[0]
        except ValueError:
            continue
    return None


def _login_lines(user: str, secret: Secret) -> str:
    value = secret.reveal()
    if any(character in value for character in "\0\r\n"):
        raise TokenwardError(
            "The stored token has several lines, which git cannot read as a password; store one line."
        )
    return f"username={user}\npassword={value}\n"
