"""Git's protocol: an answer to a sound request, and none to any other."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory_credentials import MemoryCredentials, ask
from tokenward.errors import TokenwardError
from tokenward.operations.credentials.git import address_in, read_fields

REQUEST = b"protocol=https\nhost=example.com\n"
LOGIN = ("username=alice\npassword=the value\n", 0)
NOTHING = ("", 0)


@pytest.mark.parametrize(
    ("request_lines", "asked"),
    [
        (REQUEST, ("https://example.com", "")),
        (REQUEST + b"\n", ("https://example.com", "")),
        (b"capability[]=state\ncapability[]=other\n" + REQUEST, ("https://example.com", "")),
        (REQUEST + b'wwwauth[]=Basic realm="\xff\r"\n\n', ("https://example.com", "")),
        (b"protocol=https\nhost=example.com:443\nusername=bob\n", ("https://example.com", "bob")),
        (REQUEST + b"path=acme/api.git\n\n", ("https://example.com/acme/api.git", "")),
        # A path that cannot be compared counts as none.
        (REQUEST + b"path=acme/../evil.git\n\n", ("https://example.com", "")),
        (REQUEST + b"path=%2e%2e/evil.git\n\n", ("https://example.com", "")),
        (REQUEST + b"\nhost=evil.example\n", ("https://example.com", "")),
    ],
)
def test_git_is_answered(request_lines: bytes, asked: tuple[str, str]) -> None:
    credentials = MemoryCredentials()
    user = asked[1] or "alice"
    assert ask(credentials, "git", "get", given=request_lines) == (
        f"username={user}\npassword=the value\n",
        0,
    )
    assert credentials.asked == [asked]


@pytest.mark.parametrize(
    "request_lines",
    [
        *(b"", b"\n", b"host=example.com\n", b"protocol=https\n", b"protocol=\nhost=example.com\n"),
        *(
            REQUEST + b"host=evil.example\n",
            REQUEST + b"protocol=http\n",
            REQUEST + b"username=a\nusername=b\n",
        ),
        *(b"protocol=https\nhost=example.com\r\n", b"protocol=https\r\nhost=example.com\r\n"),
        *(b"protocol=https\nhost=example.com\0\n", REQUEST + b"username=a\rb\n", REQUEST + b"path=a\x1bb\n"),
        *(b"protocol=https\nhost=example.com:0\n", b"protocol=https\nhost=example.com:x\n"),
        *(b"protocol=https\nhost=bob@example.com\n", b"protocol=https\nhost=example.com/acme\n"),
        *(b"protocol=https\nhost=example.com?.evil.example\n", b"protocol=https\nhost=example.com#\n"),
        *(b"protocol=https\nhost=example.com\\.evil\n", b"protocol=https\nhost=ex\xc3\xa4mple.com\n"),
        *(
            b"protocol=https\nhost=\xff\n",
            b"protocol=ssh\nhost=example.com\n",
            b"protocol=cert\nhost=\npath=x\n",
        ),
        *(REQUEST + b"a line without a sign\n", b"url=https://example.com\n"),
        REQUEST + b"password=" + b"x" * 1_000_001,
    ],
)
@pytest.mark.parametrize("action", ["get", "store", "erase"])
def test_a_request_that_is_not_sound_gets_nothing(action: str, request_lines: bytes) -> None:
    credentials = MemoryCredentials()
    login = b"" if b"username" in request_lines else b"username=alice\n"
    given_lines = (request_lines if action == "get" else login + b"password=p\n" + request_lines).lstrip(
        b"\n"
    )
    assert ask(credentials, "git", action, given=given_lines) == NOTHING
    assert (credentials.asked, credentials.stored, credentials.forgotten) == ([], [], [])


@pytest.mark.parametrize("words", [[], ["capability"], ["get", "store"], ["GET"]])
def test_an_unknown_operation_gets_nothing(words: list[str]) -> None:
    assert ask(MemoryCredentials(), "git", *words, given=REQUEST) == NOTHING


def test_a_git_that_knows_headers_gets_one_which_no_other_helper_stores() -> None:
    credentials, asking = MemoryCredentials(), b"capability[]=authtype\ncapability[]=state\n" + REQUEST
    text, _ = ask(credentials, "git", "get", given=asking)
    header = base64.b64encode(b"alice:the value").decode()
    lines = ["capability[]=authtype", "authtype=Basic", f"credential={header}", "ephemeral=1"]
    assert text.splitlines() == lines
    for action in ("store", "erase"):
        assert ask(credentials, "git", action, given=asking + text.encode()) == NOTHING
    assert (credentials.stored, credentials.forgotten) == (
        [],
        [("https://example.com", "alice", "the value")],
    )


@pytest.mark.parametrize("header", ["", "x", "\u00e4", "Og==", "//8=", "YQpiOmM="])
def test_a_header_that_is_no_login_withdraws_nothing(header: str) -> None:
    credentials = MemoryCredentials()
    ask(credentials, "git", "erase", given=REQUEST + f"authtype=Basic\ncredential={header}\n".encode())
    assert credentials.forgotten == []


def test_a_host_without_a_record_gets_nothing() -> None:
    assert ask(MemoryCredentials(), "git", "get", given=b"protocol=https\nhost=other.example\n") == NOTHING


@pytest.mark.parametrize("value", ["a\nhost=evil.example", "a\rb", "a\0b", "a\n"])
def test_a_value_that_git_would_read_as_more_is_refused(value: str) -> None:
    with pytest.raises(TokenwardError, match="several lines") as failure:
        ask(MemoryCredentials(value_text=value), "git", "get", given=REQUEST)
    assert value not in str(failure.value)


def test_git_offers_a_typed_password_and_withdraws_a_refused_one() -> None:
    credentials, lines = MemoryCredentials(), REQUEST + b"username=bob\npassword=p =\xc3\xa4\n"
    assert (
        ask(credentials, "git", "store", given=lines)
        == ask(credentials, "git", "erase", given=lines)
        == NOTHING
    )
    assert credentials.stored == credentials.forgotten == [("https://example.com", "bob", "p =\u00e4")]


@pytest.mark.parametrize(
    "line", [b"password_expiry_utc=1", b"oauth_refresh_token=x", b"ephemeral=1", b"authtype=Bearer"]
)
def test_a_password_that_does_not_last_is_not_stored(line: bytes) -> None:
    credentials = MemoryCredentials()
    ask(credentials, "git", "store", given=REQUEST + b"username=bob\npassword=p\n" + line + b"\n")
    assert credentials.stored == []


def test_nothing_is_stored_or_withdrawn_without_a_password() -> None:
    credentials = MemoryCredentials()
    for action in ("store", "erase"):
        ask(credentials, "git", action, given=REQUEST + b"username=bob\n")
    assert (credentials.stored, credentials.forgotten) == ([], [])


@given(st.binary() | st.binary().map(lambda more: REQUEST + more))
def test_any_bytes_name_one_host_or_none(content: bytes) -> None:
    fields = read_fields(content)
    address = address_in(fields) if fields else None
    if address is not None:
        assert b"host=" + address.host.encode() in content.lower()
        assert not {"\r", "\n", "\0"} & set(str(address))
