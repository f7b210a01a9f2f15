"""Addresses: one spelling for each, and none for a URL that two readers could understand in two ways."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.custody.credentials import Address, parse_url

HOSTS = st.from_regex(r"[a-z0-9]{1,8}(\.[a-z0-9-]{1,6}[a-z0-9]){0,3}", fullmatch=True)
PATHS = st.lists(st.from_regex(r"[A-Za-z0-9_-]{1,6}", fullmatch=True), max_size=3).map("/".join)
ADDRESSES = st.builds(
    Address,
    st.sampled_from(["https", "http", "sparse+https", "registry+https"]),
    HOSTS,
    st.integers(1, 65535),
    PATHS,
)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://git.example.com", "https://git.example.com"),
        ("HTTPS://Git.Example.COM:443/", "https://git.example.com"),
        ("http://git.example.com:80", "http://git.example.com"),
        ("https://git.example.com:0443", "https://git.example.com"),
        ("https://git.example.com:8443/Acme/", "https://git.example.com:8443/Acme"),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("sparse+https://cargo.example.com/index/", "sparse+https://cargo.example.com/index"),
        ("https://alice@git.example.com", "https://git.example.com"),
        ("https://dev.example.com/my project", "https://dev.example.com/my project"),
    ],
)
def test_an_address_has_one_spelling(url: str, address: str) -> None:
    assert str(parse_url(url)[0]) == address


@pytest.mark.parametrize(
    "url",
    [
        *("", "git.example.com", "https://", "https:///x", "ftp://example.com", "ssh://git@example.com"),
        *(
            "https://a:b@example.com",
            "https://:b@example.com",
            "https://a@b@example.com",
            "https://a%40@example.com",
        ),
        *(
            "https://example.com:0",
            "https://example.com:65536",
            "https://example.com:",
            "https://example.com:-1",
        ),
        *("https://example.com\n", "https://exa\nmple.com", "https://example.com\r", "https://example.com\0"),
        *("https://example.com\t", "https://example.com/\x1b[2J", "https://example.com/a\u2028b"),
        *("https://example.com?x", "https://example.com#x", "https://example.com\\@evil.example"),
        *("https://example.com/../x", "https://example.com/a/./b", "https://example.com/a//b"),
        *("https://example.com/%2e%2e/x", "https://example.com/a\\b"),
        *(
            "https://b\u00fccher.example",
            "https://example\u3002com",
            "https://example.\u212aom",
            "https://e\u017f.example",
        ),
        *("https://example.com.", "https://.example.com", "https://-example.com", "https://a..b"),
        f"https://{'a' * 300}.example",
        f"https://example.com/{'a' * 3000}",
    ],
)
def test_a_url_with_two_readings_has_no_address(url: str) -> None:
    with pytest.raises(ValueError, match=r"\A\Z"):
        parse_url(url)


@given(ADDRESSES)
def test_an_address_is_read_from_its_own_spelling(address: Address) -> None:
    assert parse_url(str(address)) == (address, "")


@given(st.text() | st.text(alphabet="htps:/@.?#%\\[]ab1\r\n \t"))
def test_whatever_has_an_address_is_read_alike_by_another_parser(text: str) -> None:
    try:
        address, user = parse_url(text)
    except ValueError:
        return
    other = urlsplit(text)
    assert other.hostname == address.host.strip("[]")
    assert (other.username or "", other.password) == (user, None)


@given(ADDRESSES, ADDRESSES)
def test_an_address_covers_what_is_below_it_and_no_other_host(one: Address, other: Address) -> None:
    below = Address(one.scheme, one.host, one.port, f"{one.path}/more".strip("/"))
    beside = Address(one.scheme, one.host, one.port, f"{one.path}more")
    assert one.covers(one)
    assert one.covers(below)
    assert not below.covers(one)
    assert one.covers(beside) is not bool(one.path)
    if (one.scheme, one.host, one.port) != (other.scheme, other.host, other.port):
        assert not one.covers(other)
