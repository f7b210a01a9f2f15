"""Detecting the encoding of a file from its bytes."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.sources.encoding import decoded, is_plain, readings

PIECES = st.sampled_from([b"a", "é".encode(), "€".encode(), "😀".encode(), b"\xff", b"\xed\xa0\x80", b"\xc3"])


def is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not data.startswith(codecs.BOM_UTF8)


@given(st.integers(65_530, 65_540), st.lists(PIECES, max_size=12), st.integers(0, 65_540))
def test_bytes_are_plain_where_they_are_utf8_without_a_mark(
    before: int, pieces: list[bytes], after: int
) -> None:
    data = b"x" * before + b"".join(pieces) + b"y" * after
    assert is_plain(data) is is_utf8(data)


@pytest.mark.parametrize("data", [b"", b"a", codecs.BOM_UTF8, codecs.BOM_UTF8 + b"a", "é".encode("latin-1")])
def test_short_bytes_are_told_too(data: bytes) -> None:
    assert is_plain(data) is is_utf8(data)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_plain_bytes_are_their_own_text(text: str) -> None:
    data = text.encode()
    if is_plain(data):
        assert decoded(data)[0] == text


WIDE_PIECES = [
    *(codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE),
    *("key = value".encode(codec) for codec in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")),
    *(b"\xff\xff\x11\0", b"\0\x11\xff\xff", b"\0\xd8\0\0", b"\0\0\xd8\0", b"\0\xd8", b"\xdc\0"),
]
WIDE = ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"]


def with_mark(text: str, codec: str) -> bytes:
    return f"\ufeff{text}".encode(codec)


@pytest.mark.parametrize("codec", WIDE)
@given(text=st.text(st.characters(exclude_categories=["Cs"]), min_size=1), cut=st.integers(1, 3))
def test_a_text_of_wide_characters_that_was_cut_short_is_read_up_to_there(
    codec: str, text: str, cut: int
) -> None:
    data = with_mark("key = value, " + text, codec)[:-cut]
    read, coding = decoded(data)
    assert coding.codec == codec
    place = read.index("value")
    start = len(coding.mark) + coding.size(read[:place])
    assert data[start:].startswith("value".encode(codec))


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_half_a_character_does_not_hide_a_text(codec: str) -> None:
    half = "\ud800".encode(codec, "surrogatepass")
    data = with_mark("a", codec) + half + "key = value".encode(codec)
    read, coding = decoded(data)
    assert read == "a\ud800key = value"
    assert len(coding.mark) + coding.size(read) == len(data)


@pytest.mark.parametrize("codec", ["utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("unit", [0x11FFFF, 0xD800, 0xFFFFFFFF])
def test_four_bytes_that_are_no_character_hide_no_text(codec: str, unit: int) -> None:
    broken = unit.to_bytes(4, "little" if codec.endswith("le") else "big") * 2
    data = with_mark("a", codec) + broken + "key = value".encode(codec)
    read, coding = next((text, one) for text, one in readings(data) if "key = value" in text)
    assert coding.codec == codec
    assert len(coding.mark) + coding.size(read) == len(data)


def test_wide_characters_after_a_mark_and_a_nul_are_no_wider_ones() -> None:
    read, coding = decoded(with_mark("\0key = value", "utf-16-le"))
    assert (read, coding.codec) == ("\0key = value", "utf-16-le")


@given(
    st.lists(st.sampled_from([*WIDE_PIECES, b"\0", b"\n", b"a", b"\xff"]), max_size=10), st.binary(max_size=9)
)
def test_the_bytes_of_any_reading_can_be_counted(pieces: list[bytes], rest: bytes) -> None:
    data = b"".join(pieces) + rest
    for text, coding in readings(data):
        counted = len(coding.mark) + coding.size(text)
        assert counted <= len(data) < counted + coding.unit


@pytest.mark.parametrize("mark", [codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE])
@pytest.mark.parametrize("after", [b"\0", b"\0\0", "key of another kind".encode("utf-16-le")])
def test_a_mark_and_nuls_hide_no_ascii_text(mark: bytes, after: bytes) -> None:
    texts = [text for text, _ in readings(mark + b"\nkey = value\n# " + after)]
    assert any("\nkey = value\n" in text for text in texts)


@pytest.mark.parametrize("codec", WIDE)
def test_what_is_written_in_one_encoding_is_read_once(codec: str) -> None:
    assert len(list(readings(with_mark("key = value, and so on\n", codec)))) == 1
