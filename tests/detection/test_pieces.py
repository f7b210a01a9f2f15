"""A long text is scanned in pieces, with the results of one scan."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from detection.claim_values import jwt
from tokenward.detection.engine import Detector
from tokenward.detection.pieces import (
    LONGEST,
    MARGIN,
    MOST_LOGINS,
    SHORTEST,
    LineCount,
    is_one_piece,
    pieces_of,
)
from tokenward.model import Span
from tokenward.text import LineTable

BREAKS = st.text(alphabet="a\r\n", max_size=30)


def lines_of(length: int) -> str:
    return "x = 1\r\n" * (length // 7)


@pytest.mark.parametrize("length", [0, 1, LONGEST, LONGEST + 1, 3 * LONGEST])
def test_pieces_cover_a_text_once_and_reach_over_their_borders(length: int) -> None:
    text = "a" * length
    pieces = pieces_of(text, text.encode())
    borders = [0, *(piece.core.end for piece in pieces)]
    assert [piece.core.start for piece in pieces] == borders[:-1]
    assert borders[-1] == length
    for piece in pieces:
        assert piece.around.start == max(0, piece.core.start - MARGIN)
        assert piece.around.end == min(length, piece.core.end + MARGIN)


@pytest.mark.parametrize(
    ("widths", "times"), [([60], 1.15), ([400], 1.07), ([9], 1.6), ([400, 9], 1.55), ([9, 400], 1.55)]
)
def test_a_piece_has_few_logins_but_is_no_shorter_than_it_must_be(widths: list[int], times: float) -> None:
    text = "".join(f"https://u:p@{'h' * width}\n" * (LONGEST // width) for width in widths)
    pieces = pieces_of(text, text.encode())
    for piece in pieces:
        core = text[piece.core.start : piece.core.end]
        assert core.count("@") <= MOST_LOGINS or len(core) <= SHORTEST
    assert sum(len(piece.around) for piece in pieces) <= times * len(text)


@given(BREAKS, st.lists(st.integers(0, 30), max_size=5))
def test_lines_are_counted_as_in_a_whole_text(text: str, places: list[int]) -> None:
    lines = LineCount(text)
    for place in sorted(places):
        if place < len(text) and text[place - 1 : place + 1] != "\r\n":
            assert lines.before(place) == LineTable(text).point(place).line


@pytest.mark.parametrize("offset", [-80, -20, -1, 0, 1, 20])
def test_a_token_at_a_border_is_found_once_at_its_place(detector: Detector, offset: int) -> None:
    token = tokens.github(1)
    start = LONGEST + offset
    text = lines_of(LONGEST)[: start - 10].ljust(start - 2) + f"\n {token}\n" + lines_of(LONGEST)
    assert not is_one_piece(text.encode())
    (found,) = detector.detect_all(text, "a.py").found
    assert found.span == Span(start, start + len(token))
    assert found.secret.reveal() == token


def test_a_token_at_a_border_that_is_longer_than_the_margin_is_found(detector: Detector) -> None:
    payload = {"sub": "user", "more": tokens.github(4) * (MARGIN // 20)}
    token = jwt(payload)
    assert len(token) > 2 * MARGIN
    start = LONGEST - MARGIN - MARGIN // 2
    text = lines_of(LONGEST)[:start] + f"\nt = '{token}'\n" + lines_of(LONGEST)
    found = [one.span for one in detector.detect_all(text, "a.py").found]
    assert Span(text.index(token), text.index(token) + len(token)) in found


def test_every_copy_of_a_value_is_found_in_whatever_piece(detector: Detector) -> None:
    value = tokens.github(2).removeprefix("ghp_")
    text = f"SECRET_KEY={value}\n" + lines_of(2 * LONGEST) + f"used {value}\n"
    places = [one.span.start for one in detector.detect_all(text, "a.env").found]
    assert places == [text.index(value), text.rindex(value)]


def test_the_ignored_tokens_of_every_piece_are_counted_once_with_their_lines(detector: Detector) -> None:
    line = f"t = '{tokens.github(3)}'  # tokenward:ignore\r\n"
    half = lines_of(LONGEST - len(line))
    text = half + line + half + line
    rows = [one.line for one in detector.detect_all(text, "a.py").ignored]
    assert rows == [half.count("\n"), 2 * half.count("\n") + 1]


def test_a_text_of_logins_is_scanned_in_short_pieces() -> None:
    text = ("https://user:" + "pass@h ") * 20_000
    assert not is_one_piece(text.encode())
    assert max(len(piece.around) for piece in pieces_of(text, text.encode())) < LONGEST // 4
