"""A token that a terminal's colours divide is found whole; colours beside one change nothing."""

from __future__ import annotations

import random
import re
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.coloured import ColouredText
from tokenward.detection.detection import Detection
from tokenward.detection.engine import Detector
from tokenward.model import Secret, Span

VALUE = "".join(random.Random(4).choices(string.ascii_letters + string.digits, k=32))
GITHUB = tokens.github()
COLOURS = st.sampled_from(["\x1b[0m", "\x1b[01;31m\x1b[K", "\x1b[38;2;1;2;3m", "\x1b[m"])
PIECES = st.lists(st.one_of(COLOURS, st.text("ab1\n", min_size=1, max_size=5)), max_size=8)


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        (f"\x1b[32mAPI_KEY\x1b[0m=\x1b[31m{VALUE}\x1b[0m\n", VALUE, True),
        (f"1: \x1b[01;31m\x1b[K{GITHUB[:4]}\x1b[m\x1b[K{GITHUB[4:]}\n", GITHUB, False),
        (f"token \x1b[1m{GITHUB}\x1b[0m\nagain {GITHUB}", GITHUB, True),
        (f"api_key={VALUE[:9]}\x1b[7m{VALUE[9:20]}\x1b[27m{VALUE[20:]}\n", VALUE, False),
    ],
)
def test_a_token_is_found_through_colours(detector: Detector, text: str, value: str, *, whole: bool) -> None:
    for one in detector.detect_all(text, "out.log").found:
        assert one.secret.reveal() == value
        assert re.sub(r"\x1b\[[0-9;]*[mK]", "", text[one.span.start : one.span.end]) == value
        assert one.whole is whole
    assert len(detector.detect_all(text, "out.log").found) == text.count(value) or not whole


@pytest.mark.parametrize(
    "text", ["api_key=\x1b[31mnone\x1b[0m", "\x1b[1mtoken\x1b[0m: required, see README1\n", "\x1b"]
)
def test_colours_make_no_token(detector: Detector, text: str) -> None:
    assert not detector.detect_all(text, "out.log").found


@given(PIECES, st.data())
def test_a_span_without_colours_keeps_its_characters(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    coloured = ColouredText.of(text)
    if not coloured.plain:
        return
    start = data.draw(st.integers(0, len(coloured.plain) - 1))
    end = data.draw(st.integers(start + 1, len(coloured.plain)))
    part = coloured.plain[start:end]
    span = coloured.placed(Detection("a", Span(start, end), Secret(part, ""), whole=True)).span
    assert ColouredText.of(text[span.start : span.end]).plain == part
    assert "\x1b" not in text[span.start] + text[span.end - 1]
