"""Docker's credential helper protocol: an action with text or JSON (docker/docker-credential-helpers)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tokenward.custody.credentials import Address, parse_url
from tokenward.errors import TokenwardError
from tokenward.model import Secret
from tokenward.operations.credentials.credential_store import LARGEST, CredentialStore, HelperReply

NOT_FOUND = HelperReply("credentials not found in native keychain\n", 1)
"""Docker compares this text, and then goes on without a password."""


def docker(credentials: CredentialStore, words: Sequence[str], given: BinaryIO) -> Iterator[HelperReply]:
    """Answer an action; a failure is printed on stdout, where docker looks for it."""
    # Surrogates are not printable, so no address has any.
    text = given.read(LARGEST).decode("utf-8", "surrogateescape")
    try:
        yield from _answer(credentials, " ".join(words), text)
    except TokenwardError as error:
        yield HelperReply(f"{error}\n", 1)


def _answer(credentials: CredentialStore, action: str, text: str) -> Iterator[HelperReply]:
    server = text.removesuffix("\n").removesuffix("\r")
    if action == "get":
        address = registry_address(server)
        login = address and credentials.find(address)
        if not login:
            yield NOT_FOUND
            return
        fields = {"ServerURL": server, "Username": login.user, "Secret": login.secret.reveal()}
        yield HelperReply(f"{json.dumps(fields)}\n")
    elif action == "store":
        _store(credentials, text)
    elif action == "erase":
        # Docker does not say which value it means.
        if address := registry_address(server):
            credentials.forget(address, "")
    elif action == "list":
        found = ((one.address, one.user) for one in credentials.records())
        yield HelperReply(
            f"{json.dumps({str(a): user for a, user in found if a.scheme in ('https', 'http')})}\n"
        )
    else:
        raise TokenwardError("This action is not known; docker uses get, store, erase and list.")


def registry_address(server: str) -> Address | None:
    """Return the address of a registry, which docker writes with or without `https://`; None if it is no address."""
    with contextlib.suppress(ValueError):
        address, user = parse_url(server if "://" in server else f"https://{server}")
        return address if not user and address.scheme in {"https", "http"} else None
    return None


def _store(credentials: CredentialStore, text: str) -> None:
    try:
        fields = json.loads(text)
        server, user, secret = (fields[name] for name in ("ServerURL", "Username", "Secret"))
        address = registry_address(server) if isinstance(user, str) and isinstance(secret, str) else None
    except (ValueError, TypeError, KeyError, RecursionError):
        address = None
    if address is None:
        # Raised outside the handler, because the decoder's exception holds the text.
        raise TokenwardError("This is no login with the URL of a registry; nothing was stored.")
    if not credentials.store(address, user, Secret(secret)):
        raise TokenwardError(
            "The password can be stored only in a workspace with stored tokens; log in there, or use `tokenward put` "
            "and `tokenward credential add` first."
        )
