"""The protocol of `credential_process` in AWS profiles: one JSON object."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tokenward.errors import TokenwardError
from tokenward.operations.credentials.credential_store import CredentialStore, HelperReply
from tokenward.operations.credentials.references import reference_in

_FIELDS = ("AccessKeyId", "SecretAccessKey", "SessionToken")


def aws(credentials: CredentialStore, words: Sequence[str], _: BinaryIO) -> Iterator[HelperReply]:
    """Answer with an access key: its id or a reference to it, its secret, and perhaps a session token."""
    if not 2 <= len(words) <= len(_FIELDS):
        raise TokenwardError(
            "AWS needs an access key's id and references to its secret and perhaps a session token; write "
            "`tokenward credential aws ACCESS_KEY_ID keyring://WORKSPACE/NAME`."
        )
    fields: dict[str, str | int] = {"Version": 1}
    for name, word in zip(_FIELDS, words, strict=False):
        is_plain = name == "AccessKeyId" and word.isascii() and word.isalnum()
        fields[name] = word if is_plain else credentials.value(reference_in(word)).reveal()
    yield HelperReply(f"{json.dumps(fields)}\n")
