from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.thin_client import LARGEST, packed, received, unpacked


@given(st.lists(st.binary(max_size=300), max_size=6))
def test_a_message_is_read_back(fields: list[bytes]) -> None:
    assert unpacked(received(io.BytesIO(packed(fields)).read)) == fields


@given(st.binary(max_size=200))
def test_any_bytes_are_a_message_or_refused(content: bytes) -> None:
    try:
        body = received(io.BytesIO(content).read)
        fields = unpacked(body)
    except ValueError:
        return
    assert packed(fields) == content[: len(body) + 4]


def test_a_message_that_is_too_long_is_refused_before_it_is_read() -> None:
    with pytest.raises(ValueError, match=r"^$"):
        received(io.BytesIO(LARGEST.to_bytes(4, "big") + b"x").read)
