"""A stream reads the same in any portions, and each character maps to its bytes."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import recordings
from examples import up_to
from stream_bytes import CUTS, STREAMS, WIDTHS, portions
from tokenward.model import Span
from tokenward.sources.stream import screen_line, segments
from tokenward.sources.stream import stream as streams
from tokenward.sources.stream.segments import Segment
from tokenward.sources.stream.stream import Stream

TOKEN = "abcdefghijklmnopqrstuvwxyz0123456789"
same_for_all_examples = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=up_to(300)
)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make all limits so small that short streams reach them."""
    limits = {
        segments: {"SEGMENT": 200, "OVERLAP": 50, "LONGEST_LINE": 80, "MOST_RUNS": 40, "_MOST_PIECES": 5},
        streams: {"MOST_BYTES": 60, "_REPEATED": 20, "_LONGEST_STRING": 20, "_PORTION": 37, "_STRETCH": 24},
        screen_line: {"LONGEST": 64, "_FIRST_CREDIT": 70, "_CREDIT": 2},
    }
    monkeypatch.setattr(segments, "LONGEST_SCREEN_LINE", 64)
    for module, values in limits.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)


def seen(parts: Iterable[bytes], columns: int = 0, *, is_looked_at: bool = False) -> list[Segment]:
    stream = Stream(columns)
    found: list[Segment] = []
    for part in parts:
        found += stream.feed(part)
        if is_looked_at:
            stream.preview(20)
    return [*found, *stream.finish()]


def text_of(data: bytes, columns: int = 0) -> str:
    return "".join(segment.text[segment.fresh :] for segment in seen([data], columns))


def assert_same_in_all_portions(data: bytes, cuts: Sequence[int], columns: int) -> None:
    whole = seen([data], columns)
    assert seen(portions(data, cuts), columns, is_looked_at=True) == whole
    assert seen((data[at : at + 1] for at in range(len(data))), columns) == whole


def assert_each_character_is_where_it_says(data: bytes, columns: int) -> None:
    for segment in seen([data], columns):
        for at, character in enumerate(segment.text):
            for start, end in segment.received(Span(at, at + 1)):
                assert data[start:end].decode("utf-8", "surrogateescape") == character


@same_for_all_examples
@given(data=STREAMS, cuts=CUTS, columns=WIDTHS)
def test_a_stream_is_the_same_in_all_portions(
    small: None, data: bytes, cuts: list[int], columns: int
) -> None:
    assert_same_in_all_portions(data, cuts, columns)


@same_for_all_examples
@given(data=STREAMS, columns=WIDTHS)
def test_each_character_came_from_its_bytes(small: None, data: bytes, columns: int) -> None:
    assert_each_character_is_where_it_says(data, columns)


@same_for_all_examples
@given(data=STREAMS, columns=WIDTHS)
def test_what_was_received_of_a_span_is_that_of_its_characters(
    small: None, data: bytes, columns: int
) -> None:
    for segment in seen([data], columns):
        middle = len(segment.text) // 2
        parts = [segment.received(Span(*part)) for part in ((0, middle), (middle, len(segment.text)))]
        whole = segment.received(Span(0, len(segment.text)))
        assert _bytes_in(whole) == _bytes_in(piece for part in parts for piece in part)


@same_for_all_examples
@given(st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=100).map(lambda text: text * 5))
def test_plain_text_is_seen_as_it_is(small: None, text: str) -> None:
    found = seen([text.encode()])
    assert "".join(segment.text[segment.fresh :] for segment in found) == text


@same_for_all_examples
@given(st.lists(st.text("ab\n", max_size=60), max_size=20), CUTS)
def test_a_segment_repeats_the_end_of_the_one_before(small: None, texts: list[str], cuts: list[int]) -> None:
    found = seen(portions("".join(texts).encode(), cuts))
    for before, segment in pairwise(found):
        assert before.text.endswith(segment.text[: segment.fresh])
    lines = "".join(segment.text[segment.fresh :] for segment in found)
    for segment, start in zip(found, _starts(found), strict=True):
        assert segment.line == lines.count("\n", 0, start)


@pytest.mark.parametrize("columns", [0, recordings.COLUMNS])
@pytest.mark.parametrize("name", recordings.names())
def test_a_recorded_session_is_the_same_in_all_portions(small: None, name: str, columns: int) -> None:
    data = recordings.recorded(name)
    assert_each_character_is_where_it_says(data, columns)
    for cuts in (range(0, len(data), 7), range(3, len(data), 251)):
        assert_same_in_all_portions(data, cuts, columns)


@pytest.mark.parametrize("name", recordings.names())
def test_a_recorded_session_shows_what_was_shown(name: str) -> None:
    assert recordings.PLACEHOLDER in text_of(recordings.recorded(name), recordings.COLUMNS)


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        (b"\x1b[32m" + TOKEN[:9].encode() + b"\x1b[1m" + TOKEN[9:].encode() + b"\x1b[m", 0),
        ("".join(f"{c}\b{c}" for c in TOKEN).encode(), 0),
        (f"\x1b]8;;http://a.example/?t={TOKEN}\x1b\\link\x1b]8;;\x1b\\".encode(), 0),
        (f"text \x1b]0;{TOKEN}\x07more".encode(), 0),
        (f"\x1bP{TOKEN}\x1b\\".encode(), 0),
        (f"\x1b_{TOKEN}\x1b[m".encode(), 0),
        (f"\x9d0;{TOKEN}\x9c".encode(), 0),
        (f"$ {TOKEN[:18]}{TOKEN[18]} \r{TOKEN[19:]}".encode(), 21),
        (f"$ {TOKEN[:18]}\n{TOKEN[18:]}".encode(), 20),
        (f"$ {TOKEN[:18]}\r\n{TOKEN[18:]}".encode(), 20),
        (f"\x1b[4;1H$ {TOKEN[:18]}\x1b[m \b\x1b[5;1H\x1b[K{TOKEN[18:]}\x1b[m\r\n".encode(), 20),
        (f"$ {TOKEN}\rover it".encode(), 0),
        (f"{TOKEN}\x1b[2K\rdone".encode(), 0),
        (f"\r10%\r{TOKEN}\r20% and more than the token is long, by far".encode(), 0),
        (f"{TOKEN[:20]}X\b{TOKEN[20:]}".encode(), 0),
        (f"{TOKEN[:20]}{TOKEN[21:]}\x1b[15D\x1b[@{TOKEN[20]}\n".encode(), 0),
        (f"{TOKEN[:20]}XY{TOKEN[20:]}\x1b[18D\x1b[2P\n".encode(), 0),
        (f"{TOKEN[:9]}\x1b(B{TOKEN[9:12]}\x0e\x0f{TOKEN[12:]}".encode(), 0),
        (f"{TOKEN[:9]}\0{TOKEN[9:12]}\x7f\x07{TOKEN[12:]}".encode(), 0),
        (f"{TOKEN[:9]}\x9b1m{TOKEN[9:12]}\x86{TOKEN[12:]}".encode(), 0),
        (b"\xff\xc3" + TOKEN.encode() + b"\xe2\x82", 0),
        ("漢字".encode() + TOKEN.encode() + "é".encode(), 0),
        (f"{TOKEN[:9]}\x1b[>4;1m{TOKEN[9:12]}\x1b[?1u{TOKEN[12:]}\x1b[2 q".encode(), 0),
        (f"\x1b[?1049h\x1b[HA\x1b[2;1H{TOKEN}\x1b[3;1HB".encode(), 0),
    ],
)  # fmt: skip
def test_what_stands_whole_on_a_screen_stands_whole_in_the_text(data: bytes, columns: int) -> None:
    assert TOKEN in text_of(data, columns)


@pytest.mark.parametrize("columns", [0, 20])
def test_what_is_in_two_lines_stays_so(columns: int) -> None:
    assert "left\nright" in text_of(b"left\x1b[3;1Hright", columns)
    assert "left\nright" in text_of(b"left\x1b[Aright", columns)
    assert "left\r\nright" in text_of(b"left\r\nright", columns)


def test_so_far_shows_what_was_written_over_since() -> None:
    stream = Stream()
    assert not list(stream.feed(f"$ {TOKEN}\rover it all, and further than it went, too".encode()))
    text = stream.preview(10).text
    assert TOKEN in text
    assert text.endswith("\nover it all, and further than it went, too")


def test_a_segment_ends_with_its_line() -> None:
    found = seen([b"a line\n" * 100_000])
    assert len(found) > 2
    assert all(segment.text.endswith("\n") for segment in found)


HOSTILE = {
    "endless CSI": b"\x1b[" + b"1" * 1_000_000,
    "endless OSC": b"a\x1b]" + b"1" * 1_000_000,
    "no newline": b"a" * 4_000_000,
    "NULs": b"\0" * 1_000_000,
    "colours": b"\x1b[m" * 200_000,
    "one coloured letter after another": b"\x1b[31ma" * 2_500,
    "spinner by backspace": b"working |" + b"\b/\b-\b|" * 750,
    "spinner by return": b"\rabc\rabd" * 750,
    "far to the right": b"\x1b[9999Ca" * 200,
    "over itself": b"aaaaaaaaaaaaaaaa\r" * 1_000,
    "combining marks": "e\u0301".encode() * 300_000,
    "rewritten lines": b"ab\x08c\n" * 2_500,
    "insertions": b"abc" + b"\r\x1b[@x" * 2_000,
    "erasures": b"abcdefgh\x1b[3D\x1b[K" * 1_000,
    "strings in a line": b"abc" + b"\x1b]0;t\x07" * 2_500,
}


@pytest.fixture
def limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce all limits, so that a short stream is far beyond them."""
    limits = {
        segments: {
            "SEGMENT": 1024,
            "OVERLAP": 128,
            "LONGEST_LINE": 512,
            "MOST_RUNS": 512,
            "LONGEST_SCREEN_LINE": 512,
        },
        streams: {
            "MOST_BYTES": 8192,
            "_REPEATED": 512,
            "_LONGEST_STRING": 512,
            "_PORTION": 1024,
            "_STRETCH": 256,
        },
        screen_line: {"LONGEST": 512},
    }
    for module, values in limits.items():
        for name, value in values.items():
            monkeypatch.setattr(module, name, value)


@pytest.mark.slow
@pytest.mark.parametrize("columns", [0, 80])
@pytest.mark.parametrize("kind", HOSTILE)
def test_no_stream_takes_more_memory_for_being_longer(limited: None, kind: str, columns: int) -> None:
    stream, data = Stream(columns), HOSTILE[kind]
    tracemalloc.start()
    try:
        for start in range(0, len(data), 1024):
            for segment in stream.feed(data[start : start + 1024]):
                assert len(segment.text) < 50_000
            assert stream.received - stream.oldest < 40_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 700_000


def _bytes_in(pieces: Iterable[tuple[int, int]]) -> set[int]:
    return {at for start, end in pieces for at in range(start, end)}


def _starts(found: Sequence[Segment]) -> Iterator[int]:
    """Return the start of each segment in the whole text."""
    end = 0
    for segment in found:
        yield end - segment.fresh
        end += len(segment.text) - segment.fresh
