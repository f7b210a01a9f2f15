"""Docker's protocol."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_credentials import ENDED, MemoryCredentials, ask

NOT_FOUND = ("credentials not found in native keychain\n", 1)
LOGIN = {"ServerURL": "registry.example.com", "Username": "bob", "Secret": "p"}


@pytest.mark.parametrize(
    ("server", "address"),
    [
        ("example.com", "https://example.com"),
        ("example.com:5000\n", "https://example.com:5000"),
        ("https://example.com/v1/", "https://example.com/v1"),
        ("EXAMPLE.com\r\n", "https://example.com"),
    ],
)
def test_docker_is_answered(server: str, address: str) -> None:
    credentials = MemoryCredentials()
    text, code = ask(credentials, "docker", "get", given=server.encode())
    written = server.rstrip("\r\n")
    assert json.loads(text) == {"ServerURL": written, "Username": "alice", "Secret": "the value"}
    assert (code, credentials.asked) == (0, [(address, "")])


@pytest.mark.parametrize(
    "server",
    [
        "",
        "other.example",
        "bob@example.com",
        "https://a:b@example.com",
        "example.com\nother",
        "sparse+https://example.com",
    ],
)
def test_docker_hears_that_there_is_none_in_its_own_words(server: str) -> None:
    assert ask(MemoryCredentials(), "docker", "get", given=server.encode()) == NOT_FOUND


@given(st.binary())
def test_any_bytes_get_an_answer(content: bytes) -> None:
    assert ask(MemoryCredentials(url="https://nowhere.example"), "docker", "get", given=content) == NOT_FOUND
    assert ask(MemoryCredentials(), "docker", "store", given=content)[1] == 1


def test_a_refusal_is_printed_where_docker_looks_for_it() -> None:
    credentials = MemoryCredentials(has_ended=True)
    assert ask(credentials, "docker", "get", given=b"example.com") == (f"{ENDED}\n", 1)


def test_a_login_is_stored_and_a_logout_names_no_value() -> None:
    credentials = MemoryCredentials()
    assert ask(credentials, "docker", "store", given=json.dumps(LOGIN).encode()) == ("", 0)
    assert credentials.stored == [("https://registry.example.com", "bob", "p")]
    assert ask(credentials, "docker", "erase", given=b"registry.example.com\n") == ("", 0)
    assert credentials.forgotten == [("https://registry.example.com", "", None)]


@pytest.mark.parametrize(
    "change",
    [{"Secret": 1}, {"Username": None}, {"ServerURL": "a b"}, {"ServerURL": 7}, {"ServerURL": "a@b"}],
)
def test_a_login_that_is_none_is_not_stored(change: dict[str, object]) -> None:
    credentials = MemoryCredentials()
    text, code = ask(credentials, "docker", "store", given=json.dumps({**LOGIN, **change}).encode())
    assert (code, credentials.stored) == (1, [])
    assert text.startswith("This is no login")


def test_a_login_outside_a_workspace_says_where_to_log_in() -> None:
    credentials = MemoryCredentials(is_bound=False)
    text, code = ask(credentials, "docker", "store", given=json.dumps(LOGIN).encode())
    assert code == 1
    assert "workspace" in text


def test_the_list_has_registries_and_no_index() -> None:
    text, code = ask(MemoryCredentials(), "docker", "list")
    assert (json.loads(text), code) == ({"https://example.com": "alice"}, 0)


def test_an_unknown_action_fails() -> None:
    assert ask(MemoryCredentials(), "docker", "other")[1] == 1
