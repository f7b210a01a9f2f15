"""Each token of a stream is reported once, whatever its portions."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import recordings
import tokens
from stream_bytes import CUTS, STREAMS, portions
from tokenward.detection.engine import Detector
from tokenward.findings.stream.stream_scan import ByteRanges, Sighting, StreamScanner

SEGMENT = 262_144


def sightings(detector: Detector, data: bytes, cuts: Sequence[int] = (), columns: int = 0) -> list[Sighting]:
    scanner = StreamScanner(detector, columns=columns)
    found = [sighting for part in portions(data, cuts) for sighting in scanner.feed(part)]
    return [*found, *scanner.finish()]


def values(found: Sequence[Sighting]) -> list[str]:
    return [sighting.detection.secret.reveal() for sighting in found]


@settings(max_examples=100)
@given(before=STREAMS, after=STREAMS, cuts=CUTS, seed=st.integers(0, 1000))
def test_sightings_are_the_same_in_all_portions(
    detector: Detector, before: bytes, after: bytes, cuts: list[int], seed: int
) -> None:
    data = before + f"\x07\n token: {tokens.github(seed)} \n".encode() + after
    assert sightings(detector, data, cuts) == sightings(detector, data)


@pytest.mark.parametrize("name", recordings.names())
def test_a_recorded_session_shows_its_token(detector: Detector, name: str) -> None:
    token = tokens.github("recorded")
    data, _ = recordings.filled(name, token)
    found = sightings(detector, data, columns=recordings.COLUMNS)
    assert any(token in value for value in values(found))
    assert sightings(detector, data, range(0, len(data), 13), recordings.COLUMNS) == found


@pytest.mark.parametrize("offset", [-30, -1, 0, 1, 30])
def test_a_token_across_the_end_of_a_segment_is_told_once(detector: Detector, offset: int) -> None:
    token = tokens.github()
    filler = "a line of a log\n" * (SEGMENT // 16)
    data = (filler[: SEGMENT + offset - 20] + f"\ntoken: {token}\n" + filler).encode()
    (found,) = sightings(detector, data)
    assert found.detection.secret.reveal() == token
    ((start, end),) = found.received
    assert data[start:end] == token.encode()


def test_a_token_in_a_line_without_an_end_is_told_once(detector: Detector) -> None:
    token = tokens.github()
    data = b"x " * SEGMENT + token.encode() + b" x" * SEGMENT
    assert values(sightings(detector, data)) == [token]


@pytest.mark.slow
def test_a_token_that_few_visible_characters_surround_is_told_once(detector: Detector) -> None:
    token = tokens.github()
    nothing = b"\x1b[m" * 1_398_100
    for extra in range(0, 60, 12):
        split = token[:20].encode() + b"\x1b[m" * 4 + token[20:].encode()
        data = nothing + b"\x1b[m" * extra + b" " + split + b" " + b"\x1b[m" * 60
        assert values(sightings(detector, data)) == [token]


def test_a_look_tells_what_is_whole_and_tells_it_once(detector: Detector) -> None:
    token = tokens.github()
    scanner = StreamScanner(detector)
    assert not list(scanner.feed(f"a {token}".encode()))
    assert not list(scanner.preview_sightings())
    assert not list(scanner.feed(b" b"))
    assert values(list(scanner.preview_sightings())) == [token]
    assert not list(scanner.preview_sightings())
    assert not list(scanner.finish())


def test_a_sighting_says_on_which_line(detector: Detector) -> None:
    (found,) = sightings(detector, b"\x1b[1mone\x1b[m\ntwo\nthree " + tokens.npm().encode() + b"\n")
    assert found.segment.text.count("\n", 0, found.detection.span.start) + found.segment.line == 2


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=20),
    st.integers(0, 60),
    st.integers(0, 20),
)
def test_pieces_hold_what_was_added(added: list[tuple[int, int]], start: int, length: int) -> None:
    pieces, held = ByteRanges(), set[int]()
    for first, size in added:
        pieces.add([(first, first + size)])
        held |= set(range(first, first + size))
    wanted = set(range(start, start + length))
    within = pieces.within(start, start + length)
    assert {at for first, last in within for at in range(first, last)} == held & wanted
    if length:
        assert pieces.covers([(start, start + length)]) == (wanted <= held)
    pieces.forget_before(30)
    left = {at for first, last in pieces.within(30, 100) for at in range(first, last)}
    assert left == {at for at in held if at >= 30}
