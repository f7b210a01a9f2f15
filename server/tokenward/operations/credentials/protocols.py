"""The protocols in which tools ask for tokens, by tool."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from tokenward.operations.credentials.aws import aws
from tokenward.operations.credentials.cargo import cargo
from tokenward.operations.credentials.credential_store import CredentialStore, HelperReply
from tokenward.operations.credentials.docker import docker
from tokenward.operations.credentials.git import git
from tokenward.operations.credentials.headers import headers
from tokenward.operations.credentials.keyring import keyring
from tokenward.operations.credentials.kubectl import kubectl

CredentialProtocol = Callable[[CredentialStore, Sequence[str], BinaryIO], Iterator[HelperReply]]
"""Takes the credentials, the arguments and stdin; yields what to print, one by one, as a tool may wait for a reply."""

PROTOCOLS: Mapping[str, CredentialProtocol] = {
    "git": git,
    "docker": docker,
    "aws": aws,
    "kubectl": kubectl,
    "cargo": cargo,
    "headers": headers,
    "keyring": keyring,
}
NAMED_BY_REFERENCE = frozenset({"aws", "kubectl", "headers"})
"""The tools whose configuration names the token; the others ask for a host."""
