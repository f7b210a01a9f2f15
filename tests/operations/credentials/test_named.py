"""The protocols of AWS, kubectl and MCP clients, whose configuration names the token."""

from __future__ import annotations

import json

import pytest

from memory_credentials import MemoryCredentials, ask
from tokenward.errors import LeaseExpired, TokenwardError

REFERENCE = "keyring://acme-api/TOKEN"
V1 = "client.authentication.k8s.io/v1"


def test_aws_gets_an_access_key() -> None:
    credentials = MemoryCredentials()
    text, code = ask(credentials, "aws", "ABC1", REFERENCE)
    assert json.loads(text) == {"Version": 1, "AccessKeyId": "ABC1", "SecretAccessKey": "the value"}
    assert (code, credentials.asked) == (0, [(REFERENCE, "")])


def test_aws_gets_a_session_token_too() -> None:
    fields = json.loads(ask(MemoryCredentials(), "aws", REFERENCE, REFERENCE, REFERENCE)[0])
    assert fields.keys() == {"Version", "AccessKeyId", "SecretAccessKey", "SessionToken"}


@pytest.mark.parametrize(
    ("asked", "version"),
    [
        ("", V1),
        (json.dumps({"apiVersion": V1}), V1),
        (json.dumps({"apiVersion": f"{V1}beta1"}), f"{V1}beta1"),
    ],
)
def test_kubectl_gets_a_token_in_the_version_that_it_asks_in(
    monkeypatch: pytest.MonkeyPatch, asked: str, version: str
) -> None:
    monkeypatch.setenv("KUBERNETES_EXEC_INFO", asked)
    text, _ = ask(MemoryCredentials(), "kubectl", REFERENCE)
    assert json.loads(text) == {
        "apiVersion": version,
        "kind": "ExecCredential",
        "status": {"token": "the value"},
    }


@pytest.mark.parametrize(
    "asked", ["{", "[]", "1", "{}", '{"apiVersion": "client.authentication.k8s.io/v1alpha1"}']
)
def test_kubectl_gets_nothing_in_an_unknown_version(monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    monkeypatch.setenv("KUBERNETES_EXEC_INFO", asked)
    credentials = MemoryCredentials()
    with pytest.raises(TokenwardError, match="version"):
        ask(credentials, "kubectl", REFERENCE)
    assert credentials.asked == []


def test_kubectl_gets_a_certificate_and_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBERNETES_EXEC_INFO", raising=False)
    text, _ = ask(MemoryCredentials(value_text="-----\nx\n"), "kubectl", REFERENCE, REFERENCE)
    assert json.loads(text)["status"] == {
        "clientCertificateData": "-----\nx\n",
        "clientKeyData": "-----\nx\n",
    }


def test_an_mcp_client_gets_headers() -> None:
    text, _ = ask(MemoryCredentials(), "headers", f"Authorization: Bearer {REFERENCE}", f"X-Key:{REFERENCE}")
    assert json.loads(text) == {"Authorization": "Bearer the value", "X-Key": "the value"}


@pytest.mark.parametrize(
    ("tool", "words"),
    [
        *(("aws", []), ("aws", ["ABC1"]), ("aws", ["ABC1", "plain"]), ("aws", ["a-b", REFERENCE])),
        *(("aws", ["ABC1", REFERENCE, REFERENCE, REFERENCE]), ("aws", ["ABC1", f"{REFERENCE}-x"])),
        *(("kubectl", []), ("kubectl", ["plain"]), ("kubectl", [REFERENCE] * 3)),
        *(("headers", []), ("headers", ["Authorization: plain"]), ("headers", [REFERENCE])),
        *(
            ("headers", [f"A b: {REFERENCE}"]),
            ("headers", [f": {REFERENCE}"]),
            ("headers", [f"A\n: {REFERENCE}"]),
        ),
        ("headers", [f"A: {REFERENCE} keyring://x"]),
    ],
)
def test_arguments_that_are_none_are_refused_and_not_repeated(tool: str, words: list[str]) -> None:
    with pytest.raises(TokenwardError) as failure:
        ask(MemoryCredentials(), tool, *words)
    assert "plain" not in str(failure.value)
    assert "keyring://WORKSPACE/NAME" in str(failure.value)


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "a\nb", "a\0"])
def test_a_value_that_would_be_two_headers_is_refused(value: str) -> None:
    with pytest.raises(TokenwardError, match="several lines"):
        ask(MemoryCredentials(value_text=value), "headers", f"A: {REFERENCE}")


@pytest.mark.parametrize(
    ("tool", "words"),
    [("aws", ["ABC1", REFERENCE]), ("kubectl", [REFERENCE]), ("headers", [f"A: {REFERENCE}"])],
)
def test_a_refusal_is_a_failure_without_output(
    monkeypatch: pytest.MonkeyPatch, tool: str, words: list[str]
) -> None:
    monkeypatch.delenv("KUBERNETES_EXEC_INFO", raising=False)
    with pytest.raises(LeaseExpired):
        ask(MemoryCredentials(has_ended=True), tool, *words)
