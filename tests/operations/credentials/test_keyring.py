"""The protocol of our `keyring` backend."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_credentials import MemoryCredentials, ask
from tokenward.errors import LeaseExpired


def request(service: str, user: str = "") -> bytes:
    return json.dumps({"service": service, "username": user}).encode()


@pytest.mark.parametrize(
    ("service", "user", "asked"),
    [
        ("https://example.com/simple/", "", "https://example.com/simple"),
        ("https://example.com/simple", "bob", "https://example.com/simple"),
        ("example.com", "bob", "https://example.com"),
        ("example.com:8443", "", "https://example.com:8443"),
    ],
)
def test_an_index_is_answered(service: str, user: str, asked: str) -> None:
    credentials = MemoryCredentials()
    text, code = ask(credentials, "keyring", given=request(service, user))
    assert json.loads(text) == {"username": user or "alice", "password": "the value"}
    assert (code, credentials.asked) == (0, [(asked, user)])


@pytest.mark.parametrize(
    "service", ["", "https://other.example", "https://a:b@example.com", "sparse+https://example.com", "a\nb"]
)
def test_nothing_is_said_without_a_record(service: str) -> None:
    assert ask(MemoryCredentials(), "keyring", given=request(service)) == ("", 0)


@given(
    st.binary()
    | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(lambda x: json.dumps(x).encode())
)
def test_any_bytes_are_survived(content: bytes) -> None:
    credentials = MemoryCredentials()
    assert ask(credentials, "keyring", given=content) == ("", 0)
    assert credentials.asked == []


def test_a_refusal_ends_the_program_which_says_why_on_stderr() -> None:
    with pytest.raises(LeaseExpired):
        ask(MemoryCredentials(has_ended=True), "keyring", given=request("https://example.com"))
