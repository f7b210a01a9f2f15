"""Places in a file, as other programs count them: bytes on disk, UTF-16 and UTF-8 columns."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.custody.store.fingerprints import Fingerprinter
from tokenward.detection.custom.workspace import PLAIN
from tokenward.detection.engine import Detector
from tokenward.findings.scan import Scanner, file_places
from tokenward.model import FilePlace, Span
from tokenward.sources.encoding import decoded
from tokenward.text import Encoding, LineTable, to_units

CODINGS = [
    (b"", "utf-8"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
]
TEXTS = st.text(st.sampled_from("a=é😀\r\n\t") | st.characters(exclude_categories=["Cs"]))


def placed(text: str, data: bytes, *spans: Span) -> list[FilePlace]:
    read, coding = decoded(data)
    assert read == text
    return file_places(read, LineTable(read), spans, coding)


@pytest.mark.parametrize(("mark", "codec"), CODINGS)
@pytest.mark.parametrize("before", ["", "é", "\r\n", "# é😀\r\n😀 = "])
def test_a_token_is_where_its_bytes_are_in_the_file(
    detector: Detector, mark: bytes, codec: str, before: str
) -> None:
    token = tokens.github()
    data = mark + f'{before}"{token}" é "{tokens.npm()}"\n'.encode(codec)
    text, coding = decoded(data)
    scanner = Scanner(detector, Fingerprinter(b"k" * 32))
    found, _ = scanner.scan_file(text, "a.py", PLAIN, coding)
    places = [finding.place for finding in found if finding.place]
    assert [data[place.start : place.end].decode(codec) for place in places] == [token, tokens.npm()]
    line = text.split("\r\n")[found[0].start.line]
    assert line.encode()[places[0].start_byte_column : places[0].end_byte_column].decode() == token
    units = line.encode("utf-16-le")[2 * places[0].start_character : 2 * places[0].end_character]
    assert units.decode("utf-16-le") == token


@given(text=TEXTS, borders=st.lists(st.integers(0, 100), max_size=8), form=st.sampled_from(CODINGS))
def test_every_place_of_any_text_counts_from_its_own_start(
    text: str, borders: list[int], form: tuple[bytes, str]
) -> None:
    mark, codec = form
    offsets = sorted(min(border, len(text)) for border in borders)[: len(borders) // 2 * 2]
    spans = [Span(*offsets[n : n + 2]) for n in range(0, len(offsets), 2)]
    # Only the NULs of an ASCII character tell a wide text from one that merely begins like it.
    whole = f"a{text}"
    data = mark + whole.encode(codec)
    shifted = [Span(span.start + 1, span.end + 1) for span in spans]
    table = LineTable(whole)
    for span, place in zip(shifted, placed(whole, data, *shifted), strict=True):
        assert data[place.start : place.end] == whole[span.start : span.end].encode(codec)
        for offset, units, octets in (
            (span.start, place.start_character, place.start_byte_column),
            (span.end, place.end_character, place.end_byte_column),
        ):
            point = table.point(offset)
            line = table.line(point.line)
            assert units == to_units(line, point.column, Encoding.UTF16)
            assert octets == to_units(line, point.column, Encoding.UTF8)


def test_a_byte_that_is_no_utf_8_takes_one_byte_of_the_file() -> None:
    data = b"\xff\xfeab"
    text, coding = decoded(data)
    (place,) = file_places(text, LineTable(text), [Span(2, 4)], coding)
    assert data[place.start : place.end] == b"ab"


def test_a_mark_is_no_part_of_the_first_line() -> None:
    (place,) = placed("ab", codecs.BOM_UTF8 + b"ab", Span(0, 2))
    assert place == FilePlace(3, 5, 0, 2, 0, 2)
