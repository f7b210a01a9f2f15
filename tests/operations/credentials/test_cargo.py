"""Cargo's protocol: a greeting, and a line for each line."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_credentials import ENDED, MemoryCredentials, ask

INDEX = "sparse+https://example.com/index/"
HELLO = {"v": [1]}


def request(kind: str = "get", index: object = INDEX, **more: object) -> dict[str, Any]:
    registry = {"index-url": index, "name": "mine", "headers": ["www-authenticate: x"]}
    return {"v": 1, "registry": registry, "kind": kind, "operation": "read", "args": [], **more}


def answers(credentials: MemoryCredentials, *requests: object) -> list[Any]:
    lines = b"".join(json.dumps(one).encode() + b"\n" for one in requests)
    text, code = ask(credentials, "cargo", "--cargo-plugin", given=lines)
    first, *others = map(json.loads, text.splitlines())
    assert (first, code) == (HELLO, 0)
    return others


def test_cargo_gets_a_token_for_its_index_and_for_no_other() -> None:
    credentials = MemoryCredentials(url="sparse+https://example.com/index")
    found, other = answers(credentials, request(), request(index="sparse+https://other.example/"))
    assert found["Ok"]["kind"] == "get"
    assert found["Ok"]["token"] == "the value"
    assert other == {"Err": {"kind": "not-found"}}


def test_an_index_in_git_does_not_get_the_token_of_its_git_host() -> None:
    credentials = MemoryCredentials(url="https://example.com")
    assert answers(credentials, request(index="https://example.com/acme/index")) == [
        {"Err": {"kind": "not-found"}}
    ]
    assert credentials.asked == [("registry+https://example.com/acme/index", "")]


@pytest.mark.parametrize(
    "index", ["", "ssh://git@example.com/x", "sparse+https://a:b@example.com", "file:///x"]
)
def test_an_index_without_an_address_is_not_supported(index: str) -> None:
    assert answers(MemoryCredentials(), request(index=index)) == [{"Err": {"kind": "url-not-supported"}}]


def test_an_unknown_request_is_not_supported() -> None:
    expected = {"Err": {"kind": "operation-not-supported"}}
    assert answers(MemoryCredentials(), request("other"), request(v=2)) == [expected, expected]


@pytest.mark.parametrize(
    "broken", [[], 1, None, {}, {"v": 1, "kind": "get"}, request(index=7), {**request(), "registry": 1}]
)
def test_a_broken_request_is_answered_and_the_next_one_too(broken: object) -> None:
    credentials = MemoryCredentials(url="sparse+https://example.com")
    first, second = answers(credentials, broken, request())
    assert first["Err"]["kind"] == "other"
    assert "Ok" in second


@given(st.binary())
def test_any_bytes_get_a_line_for_each_line(content: bytes) -> None:
    text, _ = ask(MemoryCredentials(), "cargo", given=content)
    assert len(text.splitlines()) == 1 + len(content.removesuffix(b"\n").split(b"\n")) - (content == b"")
    assert "Ok" not in text


def test_a_refusal_reaches_cargo() -> None:
    credentials = MemoryCredentials(url="sparse+", has_ended=True)
    assert answers(credentials, request()) == [{"Err": {"kind": "other", "message": ENDED, "caused-by": []}}]


def test_cargo_stores_a_login_and_forgets_it() -> None:
    credentials = MemoryCredentials()
    assert answers(credentials, request("login", token="t"), request("logout")) == [
        {"Ok": {"kind": "login"}},
        {"Ok": {"kind": "logout"}},
    ]
    assert credentials.stored == [("sparse+https://example.com/index", "", "t")]
    assert credentials.forgotten == [("sparse+https://example.com/index", "", None)]


@pytest.mark.parametrize("token", [None, "", 7])
def test_a_login_without_a_token_says_how(token: object) -> None:
    (answer,) = answers(MemoryCredentials(), request("login", token=token))
    assert "tokenward credential add sparse+https://example.com/index" in answer["Err"]["message"]
