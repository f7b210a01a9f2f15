"""HTTP headers as one JSON object, for MCP clients that start a program for the headers of a server."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tokenward.errors import TokenwardError
from tokenward.model import references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.credentials.credential_store import CredentialStore, HelperReply

_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")


def headers(credentials: CredentialStore, words: Sequence[str], _: BinaryIO) -> Iterator[HelperReply]:
    """Answer with headers, each given as `NAME: TEXT` with references in the text."""
    if not words:
        raise TokenwardError(
            "No header is named; write `tokenward credential headers 'Authorization: Bearer keyring://WORKSPACE/NAME'`."
        )
    yield HelperReply(f"{json.dumps(dict(_header(credentials, word) for word in words))}\n")


def _header(credentials: CredentialStore, word: str) -> tuple[str, str]:
    name, colon, text = word.partition(":")
    found = [*references_in(text)]
    if not (colon and found and _NAME.fullmatch(name)) or text.count(f"{REFERENCE_SCHEME}://") != len(found):
        # The word is not repeated, because it may contain a value.
        raise TokenwardError(
            "An argument is not a header with a reference; write `NAME: keyring://WORKSPACE/NAME`."
        )
    pieces, end = [], 0
    for span, reference in found:
        pieces += [text[end : span.start], credentials.value(reference).reveal()]
        end = span.end
    value = "".join([*pieces, text[end:]]).strip(" \t")
    if not value.isprintable():
        raise TokenwardError(
            f"The value of {found[0][1]} has several lines, which a header cannot have; store one line."
        )
    return name, value
