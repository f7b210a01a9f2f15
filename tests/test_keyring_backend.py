"""Our backend of `keyring`, in another program's process."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from keyring.credentials import SimpleCredential
from keyring.errors import PasswordSetError

from tokenward.keyring_backend import CredentialKeyring

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a shell script takes the place of Python")


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The requests to a helper, which answers each as the file `answer` says, or fails without one."""
    program = tmp_path / "python"
    program.write_text(f"#!/bin/sh\ncd '{tmp_path}' && cat >> ran && cat answer\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    return tmp_path / "ran"


def ask(service: str, user: str | None) -> tuple[str, str] | None:
    login = CredentialKeyring().get_credential(service, user)
    assert login is None or isinstance(login, SimpleCredential)
    return (login.username, login.password) if login else None


@pytest.mark.parametrize(
    "service",
    [
        "https://pkgs.example.com/simple/",
        "http://localhost:8080",
        "pkgs.example.com:8443",
        "localhost",
        "[::1]:80",
    ],
)
def test_an_index_is_asked_for_by_url_and_by_host(ran: Path, service: str) -> None:
    ran.with_name("answer").write_text('{"username": "alice", "password": "p"}')
    assert ask(service, None) == ("alice", "p")
    assert CredentialKeyring().get_password(service, "bob") == "p"
    assert f'"service": "{service}", "username": ""' in ran.read_text()
    assert '"username": "bob"' in ran.read_text()


@pytest.mark.parametrize(
    "service",
    [
        "",
        "tokenward/acme-api/GITHUB_TOKEN",
        "poetry-repository-acme",
        "ftp://a.example.com",
        "https://",
        "a b.c",
    ],
)
def test_no_process_starts_for_a_service_that_is_no_index(ran: Path, service: str) -> None:
    assert ask(service, "alice") is None
    assert not ran.exists()


@pytest.mark.parametrize("answer", [None, "", "{", "[]", "{}", "\xff", '{"username": "alice"}'])
def test_a_helper_that_fails_or_says_nothing_has_no_password(ran: Path, answer: str | None) -> None:
    if answer is not None:
        ran.with_name("answer").write_bytes(answer.encode("latin-1"))
    assert ask("https://pkgs.example.com", "alice") is None
    assert ran.exists()


def test_a_missing_python_has_no_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "none"))
    assert ask("https://pkgs.example.com", "alice") is None


def test_nothing_is_stored(ran: Path) -> None:
    with pytest.raises(PasswordSetError, match="tokenward credential add"):
        CredentialKeyring().set_password("https://pkgs.example.com", "alice", "p")
    assert not ran.exists()
