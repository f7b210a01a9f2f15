"""However slowly a value is printed, and in whatever pieces, no more of it shows than documented."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.findings.known_values.encodings import spellings
from tokenward.model import Secret
from tokenward.operations.terminal.mask_values import ValueMask

TOKEN = tokens.github("pieces")
PASSWORD = "correct-horse-battery"
KNOWN = spellings(map(Secret, (TOKEN, PASSWORD)), [TOKEN[:4]])
MOST = {TOKEN: 10, PASSWORD: 5}
"""A quarter of each."""


class Reader:
    """Reads from a filter as a relay does, with its own clock."""

    def __init__(self) -> None:
        self.now = 0.0
        self.shown = b""
        self._filter = ValueMask(KNOWN, 0, lambda: self.now)

    def read(self, piece: bytes, pause: float) -> None:
        """Read a piece, and the output due in the seconds after it."""
        self.shown += b"".join(self._filter.feed(piece))
        self.now += pause
        if self._filter.due is not None and self._filter.due <= self.now:
            self.shown += b"".join(self._filter.flush())

    def end(self) -> str:
        return (self.shown + b"".join(self._filter.finish())).decode()


def read(pieces: Iterable[tuple[str, float]]) -> str:
    reader = Reader()
    for piece, pause in pieces:
        reader.read(piece.encode(), pause)
    return reader.end()


def most_shown(value: str, out: str, before: int) -> int:
    """Return how many characters of a value, at its place in the output, are not stars."""
    return sum(character != "*" for character in out[before : before + len(value)])


@pytest.mark.parametrize("value", MOST)
@pytest.mark.parametrize("size", [1, 2, 3, 4, 5, 8, 13, 20])
@pytest.mark.parametrize("pause", [0.0, 0.01, 0.03, 0.1, 0.2, 0.3, 2.0])
def test_no_more_than_a_quarter_shows_of_pieces_of_any_size_and_pause(
    value: str, size: int, pause: float
) -> None:
    out = read(
        [("> ", pause), *((value[at : at + size], pause) for at in range(0, len(value), size)), ("\n", 0)]
    )
    assert len(out) == len(value) + 3
    public = 4 if value == TOKEN else 0
    assert most_shown(value, out, 2) <= (max(public, 3) if pause < 0.25 else MOST[value])
    assert out.endswith("*\n")


PARTS = st.sampled_from([TOKEN, PASSWORD, "-", "ghp ", TOKEN[:9], PASSWORD[:6]])


@given(st.data())
def test_no_more_than_a_quarter_shows_however_a_stream_is_cut_and_pauses(data: st.DataObject) -> None:
    text = "".join(data.draw(st.lists(PARTS, max_size=8)))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=30)))
    pauses = st.sampled_from([0.0, 0.01, 0.03, 0.2, 0.3])
    bounds = zip([0, *cuts], [*cuts, len(text)], strict=True)
    out = read((text[start:end], data.draw(pauses)) for start, end in bounds)
    assert len(out) == len(text)
    for value, most in MOST.items():
        place = text.find(value)
        while place >= 0:
            assert most_shown(value, out, place) <= most
            place = text.find(value, place + 1)


def test_an_end_of_a_line_that_may_begin_a_value_is_soon_shown_to_who_types() -> None:
    reader = Reader()
    reader.read(b"$ cor", 0.03)
    assert reader.shown == b"$ cor"
    reader.read(b"r", 0.03)
    assert reader.shown == b"$ cor"
    reader.read(b"", 0.25)
    assert reader.shown == b"$ corr"


@pytest.mark.parametrize("text", ["a &name=1 & b", "C:\\Users\\u00e9", "100%25 \\\\u0041", "&copy; &#65;"])
@pytest.mark.parametrize("pause", [0.01, 0.3])
def test_what_may_spell_any_character_shows_as_it_is_typed(text: str, pause: float) -> None:
    assert read((character, pause) for character in text) == text


WAYS = st.sampled_from(["{}", "%{:02x}", "\\u{:04x}"])


@given(st.data())
def test_no_more_than_a_quarter_shows_of_a_value_that_is_spelled(data: st.DataObject) -> None:
    forms = [data.draw(WAYS) for _ in PASSWORD]
    spelled = [
        one if form == "{}" else form.format(ord(one)) for one, form in zip(PASSWORD, forms, strict=True)
    ]
    text = "".join(spelled)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=30)))
    pauses = st.sampled_from([0.0, 0.03, 0.3])
    bounds = zip([0, *cuts], [*cuts, len(text)], strict=True)
    out = read((text[start:end], data.draw(pauses)) for start, end in bounds)
    most = len("".join(spelled[: MOST[PASSWORD]]))
    assert most_shown(text, out, 0) <= max(most, 12)
    assert set(out[most + 12 :]) <= {"*"}
