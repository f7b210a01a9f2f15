"""Git's credential helper protocol: lines `key=value` up to an empty line (git-credential(1), gitcredentials(7))."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO

from tokenward.custody.credentials import Address, parse_url
from tokenward.errors import TokenwardError
from tokenward.model import Secret
from tokenward.operations.credentials.credential_store import LARGEST, CredentialStore, HelperReply, Login

_KEYS = frozenset({"protocol", "host", "path", "username", "password", "authtype", "credential"})
_SECRETS = frozenset({"password", "credential"})
_CAPABILITY = "capability[]=authtype"
"""Git understands a header; from git 2.46 on."""
_UNLASTING = frozenset({"ephemeral", "password_expiry_utc", "oauth_refresh_token", "authtype"})
"""The keys of a credential that is useless later, or is more than a password."""


def git(credentials: CredentialStore, words: Sequence[str], given: BinaryIO) -> Iterator[HelperReply]:
    """Answer `get`, `store` or `erase`; any other operation, and a request that is not sound, gets no answer."""
    fields = read_fields(given.read(LARGEST + 1))
    address = fields and address_in(fields)
    if not fields or not address:
        return
    user, password = _offered(fields)
    if [*words] == ["get"]:
        login = credentials.find(address, user)
        if login is not None:
            yield HelperReply(_login_lines(login, is_header=_CAPABILITY in fields))
    elif [*words] == ["store"] and user and password.reveal() and not _UNLASTING & fields.keys():
        credentials.store(address, user, password)
    elif [*words] == ["erase"] and password.reveal():
        credentials.forget(address, user, password)


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
        if key in _KEYS - _SECRETS and not value.isprintable():
            return None
        # A capability is a key with many values.
        fields[line if key == "capability[]" else key] = value
    return fields


def address_in(fields: Mapping[str, str]) -> Address | None:
    """Return the address that git asks for; a path that cannot be compared counts as none."""
    host = f"{fields.get('protocol', '')}://{fields.get('host', '')}"
    # A host has no user, path or query in it.
    if any(character in fields.get("host", "") for character in "/@?#\\"):
        return None
    for url in (f"{host}/{fields.get('path', '')}", host):
        try:
            return parse_url(url)[0]
        except ValueError:
            continue
    return None


def _offered(fields: Mapping[str, str]) -> tuple[str, Secret]:
    """Return the user name and the password of a request, which may be in a header; empty without one."""
    if fields.get("authtype", "").lower() != "basic":
        return fields.get("username", ""), Secret(fields.get("password", ""))
    try:
        user, _, password = (
            base64.b64decode(fields.get("credential", ""), validate=True).decode().partition(":")
        )
    except ValueError:
        return "", Secret("")
    return (user, Secret(password)) if user.isprintable() else ("", Secret(""))


def _login_lines(login: Login, *, is_header: bool) -> str:
    value = login.secret.reveal()
    if any(character in value for character in "\0\r\n"):
        raise TokenwardError(
            "The stored token has several lines, which git cannot read as a password; store one line."
        )
    if not is_header or ":" in login.user:
        return f"username={login.user}\npassword={value}\n"
    # Git offers a user name and a password to every helper to store, such as one that writes plain text; not a header.
    header = base64.b64encode(f"{login.user}:{value}".encode("utf-8", "surrogateescape")).decode()
    return f"{_CAPABILITY}\nauthtype=Basic\ncredential={header}\nephemeral=1\n"
