"""Runs a credential helper: a program that answers a tool in the tool's own protocol."""

from __future__ import annotations

import io
import sys
from collections.abc import Sequence
from typing import BinaryIO

from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.person import require_yes_to_show
from tokenward.cli.support.terminal import note, print_bytes
from tokenward.model import Fingerprint


def help_tool(tool: str, words: Sequence[str], given: BinaryIO | None = None) -> int:
    """Answer the request of a tool, by default the one on stdin; return the exit code.

    Raises:
        TokenwardError: the value may not or cannot be given, or would be shown to someone who did not agree to it.
    """
    from tokenward.custody.store.fingerprints import Fingerprinter, load_key
    from tokenward.operations.credentials.protocols import NAMED_BY_REFERENCE, PROTOCOLS
    from tokenward.operations.credentials.workspace_credentials import WorkspaceCredentials

    otherwise = f"A terminal would show the value; {tool} starts this program itself."
    require_yes_to_show("Show the value on this screen?", otherwise=otherwise)
    invocation, code = Invocation.here(), 0

    def fingerprint(value: str) -> Fingerprint:
        return Fingerprinter(load_key(invocation.places.fingerprint_key))(value)

    if given is None:
        given = io.BytesIO() if sys.stdin is None else sys.stdin.buffer
    # Starting the keyring's process takes longest, so it begins first where a value is certainly wanted.
    with invocation.context(begin=tool in NAMED_BY_REFERENCE) as context:
        credentials = WorkspaceCredentials(
            context,
            invocation.folder,
            tool,
            fingerprint,
            note,
        )
        for reply in PROTOCOLS[tool](credentials, words, given):
            print_bytes(reply.text.encode("utf-8", "surrogateescape"))
            code = reply.code
    return code
