"""The protocol of exec plugins in a kubeconfig (client.authentication.k8s.io)."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from tokenward.errors import TokenwardError
from tokenward.operations.credentials.credential_store import CredentialStore, HelperReply
from tokenward.operations.credentials.references import reference_in

_GROUP = "client.authentication.k8s.io"
_VERSIONS = (f"{_GROUP}/v1", f"{_GROUP}/v1beta1")
_FIELDS = {1: ("token",), 2: ("clientCertificateData", "clientKeyData")}


def kubectl(credentials: CredentialStore, words: Sequence[str], _: BinaryIO) -> Iterator[HelperReply]:
    """Answer with a token, or with a client's certificate and its key."""
    names = _FIELDS.get(len(words))
    if names is None:
        raise TokenwardError(
            "kubectl needs a reference to a token, or to a certificate and its key; write "
            "`tokenward credential kubectl keyring://WORKSPACE/NAME`."
        )
    answer = {"apiVersion": _version(os.environ.get("KUBERNETES_EXEC_INFO", "")), "kind": "ExecCredential"}
    values = {
        name: credentials.value(reference_in(word)).reveal() for name, word in zip(names, words, strict=True)
    }
    yield HelperReply(f"{json.dumps({**answer, 'status': values})}\n")


def _version(asked: str) -> str:
    """Return the version of the protocol to answer in: the one that kubectl asks in."""
    try:
        version = json.loads(asked)["apiVersion"] if asked else _VERSIONS[0]
    except (ValueError, TypeError, KeyError, RecursionError):
        version = None
    if version not in _VERSIONS:
        raise TokenwardError(
            f"kubectl asks in a version that is not known; write {_VERSIONS[0]} in the kubeconfig."
        )
    return str(version)
