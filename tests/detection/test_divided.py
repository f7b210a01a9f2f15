"""A token that a terminal's colours or width divide is found whole; beside one they change nothing."""

from __future__ import annotations

import random
import re
import string
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.detection.detection import Detection
from tokenward.detection.divided import DividedText
from tokenward.detection.engine import Detector
from tokenward.model import Secret, Span

VALUE = "".join(random.Random(4).choices(string.ascii_letters + string.digits, k=32))
LONG = "".join(random.Random(5).choices(string.ascii_letters + string.digits, k=100))
GITHUB = tokens.github()
NPM = tokens.npm()
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
    ("path", "text"),
    [
        ("out.log", "\x1b]8;;https://a.example.com/?token={}\x1b\\here\x1b]8;;\x1b\\\n"),
        ("out", "\x1b]8;id=1;https://a.example.com/?token={}\x07here\x1b]8;;\x07\n"),
        ("a.eml", "Content-Transfer-Encoding: quoted-printable\n\nAPI_KEY=3D{}\n"),
    ],
)
def test_a_token_is_found_in_a_link_of_a_terminal_and_in_mail(
    detector: Detector, path: str, text: str
) -> None:
    (one,) = detector.detect_all(text.format(VALUE), path).found
    assert one.secret.reveal() == VALUE
    for ending in ("\r\n", "\n") if path.endswith(".eml") else ():
        divided = text.format(VALUE[:20] + "=" + ending + VALUE[20:])
        (one,) = detector.detect_all(divided, path).found
        assert one.secret.reveal() == VALUE
        assert divided[one.span.start : one.span.end].replace("=" + ending, "") == VALUE


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("line", "width"),
    [
        (f"{'environment of the job: ' * 2} API_KEY={VALUE}", 80),
        (f"{'environment of the job: ' * 4}API_KEY={VALUE} ok", 120),
        (f"$ curl -H 'Authorization: Bearer {LONG}' example.com", 80),
        (f"SECRET_KEY={LONG}", 80),
    ],
)
def test_a_token_is_found_where_a_log_is_wrapped(
    detector: Detector, line: str, width: int, ending: str
) -> None:
    lines = [line[place : place + width] for place in range(0, len(line), width)]
    text = ending.join(["start", *lines, "PORT=80", ""])
    (one,) = detector.detect_all(text, "ci.log").found
    assert one.secret.reveal() in (VALUE, LONG)
    assert text[one.span.start : one.span.end].replace(ending, "") == one.secret.reveal()
    assert not one.whole
    assert len(detector.detect_all(text, "ci.py").found) <= 1


FILLER = "".join(f"12:00:{number % 60:02} request {number} of the job is done\n" for number in range(4_000))
LINK = "\x1b]8;;https://a.example.com/?token={}\x1b\\here\x1b]8;;\x1b\\\n"


@pytest.mark.parametrize("filler", [FILLER, FILLER * 8], ids=["one piece", "several"])
@pytest.mark.parametrize(
    ("divided", "value"),
    [
        (f"{'environment of the job: ' * 2}{' ' * 12}API_KEY={VALUE[:12]}\n{VALUE[12:]}\n", VALUE),
        (f"api_key={VALUE[:9]}\x1b[7m{VALUE[9:]}\x1b[27m\n", VALUE),
        (f"> {NPM[:9]}\\u001b[7m{NPM[9:]}\\u001b[27m\n", NPM),
        (LINK.format(VALUE), VALUE),
        (f"{LINK.format(VALUE)}{FILLER}\x1b[1mdone\x1b[0m\n", VALUE),
    ],
    ids=["wrapped", "coloured", "written colour", "link", "link and colour"],
)
def test_a_divided_token_is_found_in_a_long_log_with_all_others(
    detector: Detector, divided: str, value: str, filler: str
) -> None:
    """Only what is near the place is scanned again, so copies and tokens far from it must not be lost."""
    text = f"{GITHUB}\n{filler}{divided}{filler}{GITHUB}\n{value}\n"
    found = detector.detect_all(text, "ci.log").found
    assert [one.secret.reveal() for one in found] == [GITHUB, value, GITHUB, value]
    undivided = text.replace(divided, "")
    alone = [one.secret.reveal() for one in detector.detect_all(undivided, "ci.log").found]
    assert alone == [GITHUB, GITHUB, *([value] if value == NPM else [])]


@pytest.mark.parametrize("before", [3, 10, 19])
def test_a_run_is_joined_wherever_a_width_divided_it(before: int) -> None:
    run = VALUE[:20]
    line = f"{'a b ' * 20}"[: 79 - before] + " " + run[:before]
    assert run in DividedText.of(f"{line}\n{run[before:]} ok\n", "ci.log").plain
    assert run not in DividedText.of(f"{line}\n{run[before:]} ok\n", "ci.py").plain
    assert run not in DividedText.of(f"{line}\n {run[before:]} ok\n", "ci.log").plain


@pytest.mark.parametrize(
    "text",
    [
        f"{'x' * 40}\nAPI_KEY={VALUE}\nPORT=80\n",
        f"{'environment of the job: ' * 2}   API_KEY={VALUE[:21]}\nPORT=80\n",
        f"{'a b ' * 20}\n{'a b ' * 8}API_KEY={VALUE}\n\nb12\n",
    ],
)
def test_lines_that_end_at_a_width_by_chance_stay_apart(text: str) -> None:
    assert DividedText.of(text, "ci.log").plain == text


@pytest.mark.parametrize(
    "text", ["api_key=\x1b[31mnone\x1b[0m", "\x1b[1mtoken\x1b[0m: required, see README1\n", "\x1b"]
)
def test_colours_make_no_token(detector: Detector, text: str) -> None:
    assert not detector.detect_all(text, "out.log").found


@given(PIECES, st.data())
def test_a_span_without_colours_keeps_its_characters(pieces: list[str], data: st.DataObject) -> None:
    text = "".join(pieces)
    coloured = DividedText.of(text)
    if not coloured.plain:
        return
    start = data.draw(st.integers(0, len(coloured.plain) - 1))
    end = data.draw(st.integers(start + 1, len(coloured.plain)))
    part = coloured.plain[start:end]
    span = coloured.placed(Detection("a", Span(start, end), Secret(part, ""), whole=True)).span
    assert DividedText.of(text[span.start : span.end]).plain == part
    assert "\x1b" not in text[span.start] + text[span.end - 1]


@pytest.mark.slow
def test_the_memory_of_a_text_in_colours_is_little_for_each() -> None:
    text = "\x1b[0mab" * 100_000
    tracemalloc.start()
    try:
        assert DividedText.of(text).plain == "ab" * 100_000
        assert tracemalloc.get_traced_memory()[1] < 60 * 100_000
    finally:
        tracemalloc.stop()
