"""Cargo's credential provider protocol: JSON, one object a line (the Cargo book, Credential Provider Protocol)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import Any, BinaryIO

from tokenward.custody.credentials import Address, parse_url
from tokenward.errors import TokenwardError
from tokenward.model import Secret
from tokenward.operations.credentials.credential_store import LARGEST, CredentialStore, HelperReply

_VERSION = 1
_NOT_FOUND = {"Err": {"kind": "not-found"}}


def cargo(credentials: CredentialStore, _: Sequence[str], given: BinaryIO) -> Iterator[HelperReply]:
    """Greet cargo, and answer its requests until it closes the pipe."""
    yield _line({"v": [_VERSION]})
    while content := given.readline(LARGEST):
        yield _line(_answer(credentials, content))


def index_address(url: str) -> Address | None:
    """Return the address of a registry's index; None if it is no address.

    An index in git gets `registry+` in front, as in Cargo.lock: what it says decides where cargo sends the token, so it
    must not get the token of its git host.
    """
    with contextlib.suppress(ValueError):
        address, user = parse_url(url if url.startswith("sparse+") else f"registry+{url}")
        return None if user else address
    return None


def _answer(credentials: CredentialStore, content: bytes) -> dict[str, Any]:
    try:
        fields = json.loads(content)
        version, kind, address = fields["v"], fields["kind"], index_address(fields["registry"]["index-url"])
        token = fields.get("token")
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return _failure("Cargo's request cannot be read; report this with the version of cargo.")
    if version != _VERSION or kind not in {"get", "login", "logout"}:
        return {"Err": {"kind": "operation-not-supported"}}
    if address is None:
        return {"Err": {"kind": "url-not-supported"}}
    try:
        return _act(credentials, kind, address, token)
    except TokenwardError as error:
        return _failure(str(error))


def _act(credentials: CredentialStore, kind: str, address: Address, token: object) -> dict[str, Any]:
    if kind == "get":
        login = credentials.find(address)
        if login is None:
            return _NOT_FOUND
        # For this run of cargo, so that a lease counts one use.
        cached = {"cache": "session", "operation_independent": True}
        return {"Ok": {"kind": "get", "token": login.secret.reveal(), **cached}}
    if kind == "logout":
        credentials.forget(address, "")
    elif not (isinstance(token, str) and token and credentials.store(address, "", Secret(token))):
        raise TokenwardError(
            "Nothing was stored; run `tokenward put NAME` in the workspace that uses the registry, and then "
            f"`tokenward credential add {address} NAME`."
        )
    return {"Ok": {"kind": kind}}


def _failure(text: str) -> dict[str, Any]:
    return {"Err": {"kind": "other", "message": text, "caused-by": []}}


def _line(answer: dict[str, Any]) -> HelperReply:
    return HelperReply(f"{json.dumps(answer)}\n")
