"""The protocol of our `keyring` backend: one JSON object each way."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tokenward.operations.credentials.credential_store import LARGEST, CredentialStore, HelperReply
from tokenward.operations.credentials.docker import registry_address


def keyring(credentials: CredentialStore, _: Sequence[str], given: BinaryIO) -> Iterator[HelperReply]:
    """Answer with the login for a service, which is a URL or a host, or with nothing."""
    service, user = "", ""
    with contextlib.suppress(ValueError, TypeError, KeyError, RecursionError):
        request = json.loads(given.read(LARGEST))
        service, user = str(request["service"]), str(request["username"])
    address = registry_address(service)
    if login := address and credentials.find(address, user):
        fields = {"username": login.user, "password": login.secret.reveal()}
        yield HelperReply(f"{json.dumps(fields)}\n")
