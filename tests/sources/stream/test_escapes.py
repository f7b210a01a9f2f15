"""Each control sequence has its true length and changes the line as a terminal would."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tokenward.sources.stream.escapes import SPECIAL, Control, Move, control_at, is_text


@pytest.mark.parametrize(
    ("data", "move", "number"),
    [
        (b"\x08", Move.BACK, 1),
        (b"\r", Move.RETURN, 1),
        (b"\0", Move.NONE, 1),
        (b"\x0c", Move.LEAVE, 1),
        (b"\x1b[1;31m", Move.NONE, 1),
        (b"\x1b[38:2::1:2:3m", Move.NONE, 1),
        (b"\x1b[C", Move.FORWARD, 1),
        (b"\x1b[0C", Move.FORWARD, 1),
        (b"\x1b[7D", Move.BACK, 7),
        (b"\x1b[7;3D", Move.BACK, 7),
        (b"\x1b[99999D", Move.BACK, 1000),
        (b"\x1b[G", Move.COLUMN, 0),
        (b"\x1b[9G", Move.COLUMN, 8),
        (b"\x1b[K", Move.ERASE_RIGHT, 1),
        (b"\x1b[1K", Move.ERASE_LEFT, 1),
        (b"\x1b[2K", Move.ERASE_LINE, 1),
        (b"\x1b[?2K", Move.ERASE_LINE, 1),
        (b"\x1b[3X", Move.ERASE_CHARACTERS, 3),
        (b"\x1b[2P", Move.DELETE, 2),
        (b"\x1b[2@", Move.INSERT, 2),
        (b"\x1b[2 @", Move.NONE, 1),
        (b"\x1b[H", Move.ROW, 0),
        (b"\x1b[5;1H", Move.ROW, 4),
        (b"\x1b[5;2H", Move.LEAVE, 1),
        (b"\x1b[2J", Move.LEAVE, 1),
        (b"\x1b[J", Move.ERASE_RIGHT, 1),
        (b"\x1b[u", Move.LEAVE, 1),
        (b"\x1b[?1u", Move.NONE, 1),
        (b"\x1b[1;24r", Move.LEAVE, 1),
        (b"\x1b[?1049h", Move.LEAVE, 1),
        (b"\x1b[?25h", Move.NONE, 1),
        (b"\x1b(B", Move.NONE, 1),
        (b"\x1bM", Move.LEAVE, 1),
        (b"\xc2\x9b2P", Move.DELETE, 2),
        (b"\xc2\x85", Move.LEAVE, 1),
    ],
)
def test_a_control_does_what_it_does(data: bytes, move: Move, number: int) -> None:
    control = control_at(data + b"text", 0)
    assert isinstance(control, Control)
    assert (control.size, control.move) == (len(data), move)
    if move not in {Move.NONE, Move.LEAVE}:
        assert control.number == number


@pytest.mark.parametrize("data", [b"\x1b]", b"\x1bP", b"\x1b_", b"\x1b^", b"\x1bX", b"\xc2\x9d", b"\xc2\x90"])
def test_a_string_is_opened(data: bytes) -> None:
    assert control_at(data + b"0;t", 0) == Control(2, Move.STRING)


@pytest.mark.parametrize("data", [b"\x1b", b"\x1b[", b"\x1b[1;3", b"\x1b[?", b"\x1b(", b"\xc2\x9b1"])
def test_what_may_go_on_is_waited_for(data: bytes) -> None:
    assert control_at(data, 0) is None


def test_a_sequence_without_an_end_is_not_waited_for() -> None:
    control = control_at(b"\x1b[" + b"1" * 1000, 0)
    assert control is not None
    assert 0 < control.size <= 256


def test_what_breaks_a_sequence_off_is_looked_at_anew() -> None:
    assert control_at(b"\x1b[3\x1b[m", 0) == Control(3, Move.NONE)


@given(
    st.lists(st.sampled_from([b"a", b"\t", b"\n", b"\r\n", b"\r", b"\0", b"\xc2", b"\x9b", b"\xa9", b"\x1b"]))
)
def test_text_is_what_has_no_control(pieces: list[bytes]) -> None:
    data = b"".join(pieces)
    assert is_text(data) == (SPECIAL.search(data.replace(b"\r\n", b"\n")) is None)
