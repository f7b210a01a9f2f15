"""The protocols in which tools ask for tokens, by tool; those with more to them have modules of their own."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from tokenward.errors import TokenwardError
from tokenward.model import Reference, reference_of, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.credentials.cargo import cargo
from tokenward.operations.credentials.credential_store import LARGEST, CredentialStore, HelperReply
from tokenward.operations.credentials.docker import docker, registry_address
from tokenward.operations.credentials.git import git

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_AWS_FIELDS = ("AccessKeyId", "SecretAccessKey", "SessionToken")
_KUBECTL_GROUP = "client.authentication.k8s.io"
_KUBECTL_VERSIONS = (f"{_KUBECTL_GROUP}/v1", f"{_KUBECTL_GROUP}/v1beta1")
_KUBECTL_FIELDS = {1: ("token",), 2: ("clientCertificateData", "clientKeyData")}


def kubectl(credentials: CredentialStore, words: Sequence[str], _: BinaryIO) -> Iterator[HelperReply]:
    """Answer with a token, or with a client's certificate and its key."""
    names = _KUBECTL_FIELDS.get(len(words))
    if names is None:
        raise TokenwardError(
            "kubectl needs a reference to a token, or to a certificate and its key; write "
            "`tokenward credential kubectl keyring://WORKSPACE/NAME`."
        )
    version = _kubectl_version(os.environ.get("KUBERNETES_EXEC_INFO", ""))
    status = {}
    for name, word in zip(names, words, strict=True):
        # A certificate is no secret, and may be written as it is.
        certificate = _pem(word)
        is_given = certificate.startswith("-----BEGIN CERTIFICATE-----")
        status[name] = certificate if is_given else _pem(credentials.value(reference_in(word)).reveal())
    answer = {"apiVersion": version, "kind": "ExecCredential", "status": status}
    yield HelperReply(f"{json.dumps(answer)}\n")


def _pem(text: str) -> str:
    """Return what a text in Base64 says in PEM, and every other text as it is."""
    with contextlib.suppress(ValueError):
        decoded = base64.b64decode(text, validate=True).decode()
        return decoded if decoded.startswith("-----BEGIN ") else text
    return text


def _kubectl_version(asked: str) -> str:
    """Return the version of the protocol to answer in: the one that kubectl asks in."""
    try:
        version = json.loads(asked)["apiVersion"] if asked else _KUBECTL_VERSIONS[0]
    except (ValueError, TypeError, KeyError, RecursionError):
        version = None
    if version not in _KUBECTL_VERSIONS:
        raise TokenwardError(
            f"kubectl asks in a version that is not known; write {_KUBECTL_VERSIONS[0]} in the kubeconfig."
        )
    return str(version)


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
    if not (colon and found and _HEADER_NAME.fullmatch(name)) or text.count(f"{REFERENCE_SCHEME}://") != len(
        found
    ):
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


def key(credentials: CredentialStore, words: Sequence[str], _: BinaryIO) -> Iterator[HelperReply]:
    """Answer with the value of a reference."""
    if len(words) != 1:
        raise TokenwardError(
            "A key helper needs one reference; write `tokenward credential key keyring://WORKSPACE/NAME`."
        )
    yield HelperReply(f"{credentials.value(reference_in(words[0])).reveal()}\n")


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


def aws(credentials: CredentialStore, words: Sequence[str], _: BinaryIO) -> Iterator[HelperReply]:
    """Answer with an access key: its id or a reference to it, its secret, and perhaps a session token."""
    if not 2 <= len(words) <= len(_AWS_FIELDS):
        raise TokenwardError(
            "AWS needs an access key's id and references to its secret and perhaps a session token; write "
            "`tokenward credential aws ACCESS_KEY_ID keyring://WORKSPACE/NAME`."
        )
    fields: dict[str, str | int] = {"Version": 1}
    for name, word in zip(_AWS_FIELDS, words, strict=False):
        is_plain = name == "AccessKeyId" and word.isascii() and word.isalnum()
        fields[name] = word if is_plain else credentials.value(reference_in(word)).reveal()
    yield HelperReply(f"{json.dumps(fields)}\n")


def reference_in(word: str) -> Reference:
    """Return the reference that a word is.

    Raises:
        TokenwardError: it is not a reference; the word is not repeated, because it may be a value.
    """
    reference = reference_of(word)
    if reference is None:
        raise TokenwardError("An argument is not a reference; write keyring://WORKSPACE/NAME.")
    return reference


CredentialProtocol = Callable[[CredentialStore, Sequence[str], BinaryIO], Iterator[HelperReply]]
"""Takes the credentials, the arguments and stdin; yields what to print, one by one, as a tool may wait for a reply."""

PROTOCOLS: Mapping[str, CredentialProtocol] = {
    "git": git,
    "docker": docker,
    "aws": aws,
    "kubectl": kubectl,
    "cargo": cargo,
    "headers": headers,
    "key": key,
    "keyring": keyring,
}
NAMED_BY_REFERENCE = frozenset({"aws", "kubectl", "headers", "key"})
"""The tools whose configuration names the token; the others ask for a host."""
