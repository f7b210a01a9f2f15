"""load_values: what the daemon answers to commands that need a value."""

from __future__ import annotations

import importlib
import io
import os
import sys
from collections.abc import Sequence

from tokenward.cli.daemon.answer import Request, RequestKind
from tokenward.cli.direct import HELPERS
from tokenward.cli.run.environment import encode_environment
from tokenward.cli.run.run import RunOptions, prepare
from tokenward.cli.support.credential_helper import help_tool
from tokenward.cli.support.print_token import print_token
from tokenward.thin_client import LENGTH, command_of, is_get, packed

_NEEDED = (
    "cryptography.hazmat.backends.openssl.backend",
    "tokenward.cli.support.ask_person",
    "tokenward.cli.support.passphrase",
    "tokenward.custody.store.fingerprints",
    "tokenward.operations.access.resolve",
    "tokenward.operations.command_words",
    "tokenward.operations.credentials.protocols",
    "tokenward.operations.credentials.workspace_credentials",
    "tokenward.operations.environment_files.find_files",
    "tokenward.operations.run.environment",
    "tokenward.vault.secret_service",
)
"""Modules that an answer loads late, so that a fork has them already."""


def load_values() -> Sequence[RequestKind]:
    """Load what the answers need, and return the requests."""
    for module in _NEEDED:
        importlib.import_module(module)
    return _KINDS


def _is_credential(words: Sequence[str]) -> bool:
    if [*words] in (["credential", "git", "get"], ["credential", "docker", "get"]):
        return True
    return len(words) > 2 and words[0] == "credential" and words[1] in HELPERS


def _help(request: Request) -> int:
    return help_tool(request.words[1], request.words[2:], io.BytesIO(request.given))


def _get(request: Request) -> int:
    print_token(request.words[1])
    return 0


def _run(request: Request) -> int:
    command = command_of([*request.words])
    options = request.words[: -len(command)]
    start = prepare(RunOptions(command, [], [], no_env_file="--no-env-file" in options))
    variables = encode_environment(start.environment.variables)
    sys.stdout.buffer.write(packed([os.fsencode(start.program), *map(b"=".join, variables.items())])[LENGTH:])
    return 0


_KINDS = (
    RequestKind(_is_credential, _help),
    RequestKind(lambda words: is_get([*words]), _get),
    RequestKind(lambda words: bool(command_of([*words])), _run),
)
"""Each only reads."""
