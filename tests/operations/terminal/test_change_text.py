"""Output is held by the clock alone, changed in whole lines, and never held for long."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tokens
from tokenward.findings.known_values.encodings import FEWEST_UNKNOWN, spellings
from tokenward.findings.known_values.known_values import KnownValues
from tokenward.model import Secret
from tokenward.operations.agents.known_secrets import hide_disguised, needles
from tokenward.operations.terminal.output_filter import HeldOutput


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def shown_by(held: HeldOutput, clock: Clock, pieces: list[tuple[bytes, float]]) -> list[tuple[float, bytes]]:
    """Return what a filter shows of pieces with a pause after each, with the times, as a relay reads it."""
    shown = []
    for piece, pause in pieces:
        shown += [(clock.now, one) for one in held.feed(piece)]
        until = clock.now + pause
        while held.due is not None and held.due <= until:
            clock.now = held.due
            shown += [(clock.now, one) for one in held.flush()]
        clock.now = until
    shown += [(clock.now, one) for one in held.finish()]
    return [(now, one) for now, one in shown if one]


def test_output_up_to_a_pause_is_changed_as_one_text(clock: Clock) -> None:
    held = HeldOutput(lambda text: text.replace("a\nb", "-"), 80, clock=clock)
    assert shown_by(held, clock, [(b"a\n", 0.4), (b"b\n", 1.0), (b"\xff", 0)]) == [
        (1000.9, b"-\n"),
        (1001.4, b"\xff"),
    ]


def test_the_beginning_of_a_line_is_shown_and_the_rest_waits_for_its_end(clock: Clock) -> None:
    held = HeldOutput(str, 80, clock=clock)
    pieces = [(b"Password: ", 1.0), (b"a", 1.0), (b"b\n", 1.0), (b"> ", 1.0), (b"c", 6.0), (b"d", 0.1)]
    assert [one for _, one in shown_by(held, clock, pieces)] == [b"Password: ", b"ab\n", b"> ", b"c", b"d"]


def test_a_line_whose_beginning_turns_out_to_begin_a_value_is_shown_again_masked(clock: Clock) -> None:
    held = HeldOutput(lambda text: text.replace("secret", "*"), 80, clock=clock)
    pieces = [(b"it is sec", 1.0), (b"ret\nand\n", 1.0)]
    assert [one for _, one in shown_by(held, clock, pieces)] == [b"it is sec", b"\nit is *\nand\n"]


def test_lines_go_at_once_without_a_pause(clock: Clock) -> None:
    held = HeldOutput(str, 80, 0, clock)
    assert shown_by(held, clock, [(b"{}\n", 1.0), (b"{}\n", 1.0)]) == [(1000.0, b"{}\n"), (1001.0, b"{}\n")]


def test_a_program_that_never_pauses_is_seen_to_work(clock: Clock) -> None:
    held = HeldOutput(str, 80, clock=clock)
    times = [now for now, _ in shown_by(held, clock, [(b".\n", 0.1)] * 100)]
    assert len(times) == 2
    assert times[0] == pytest.approx(1005, abs=0.2)


def test_much_output_is_not_held() -> None:
    held = HeldOutput(str, 80)
    assert sum(len(one) for _ in range(5) for one in held.feed(b"x" * 1_000_000)) == 5_000_000


VALUE = tokens.npm("oracle")


def masked(value: str, clock: Clock) -> HeldOutput:
    """Return the filter of an agent's command for which one value is known."""
    known = KnownValues(spellings([Secret(value)], [value[:4]]))
    searched = needles([value], [value[:4]])

    def change(text: str) -> str:
        return hide_disguised(known.mask(text), searched, lambda decoded: False, lambda part: None)

    return HeldOutput(change, 0, clock=clock)


def squeezed(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def runs_of(value: str) -> set[str]:
    unknown = value[4:]
    return {unknown[start : start + FEWEST_UNKNOWN] for start in range(len(unknown) - FEWEST_UNKNOWN + 1)}


@st.composite
def outputs(draw: st.DrawFn, value: str, other: str) -> list[tuple[bytes, float]]:
    """Draw an output of beginnings and other short parts of two values, in pieces with pauses."""
    parts = st.builds(
        lambda one, start, size, back: (one[start : start + size])[:: -1 if back else 1],
        st.sampled_from([value, other]),
        st.integers(0, 39),
        st.integers(1, 4 + FEWEST_UNKNOWN - 1),
        st.booleans(),
    )
    separators = st.sampled_from(["\n", "", " ", "\n-\n", "%", "\\x", "="])
    text = "".join(draw(st.lists(st.one_of(parts, separators, st.text(max_size=4)), max_size=12)))
    data = text.encode("utf-8", "surrogatepass")
    cuts = sorted(draw(st.lists(st.integers(0, len(data)), max_size=8)))
    pauses = st.sampled_from([0.0, 0.02, 0.25, 0.5, 3.0, 6.0])
    return [
        (data[start:end], draw(pauses)) for start, end in zip([0, *cuts], [*cuts, len(data)], strict=True)
    ]


@given(st.data(), st.integers(0, 35))
def test_two_values_that_differ_in_one_character_give_the_same_bytes_at_the_same_times(
    data: st.DataObject, place: int
) -> None:
    changed = "A" if VALUE[4 + place] != "A" else "B"
    other = VALUE[: 4 + place] + changed + VALUE[5 + place :]
    pieces = data.draw(outputs(VALUE, other))
    printed = squeezed(b"".join(piece for piece, _ in pieces).decode("utf-8", "replace"))
    for run in runs_of(VALUE) | runs_of(other):
        if run.lower() in printed or run.lower() in printed[::-1]:
            return
    clocks = Clock(), Clock()
    found = [
        shown_by(masked(one, clock), clock, pieces) for one, clock in zip((VALUE, other), clocks, strict=True)
    ]
    assert found[0] == found[1]


@given(st.lists(st.integers(1, 9), max_size=30), st.lists(st.sampled_from([0.0, 0.1, 0.3, 0.6]), min_size=30))
def test_a_whole_value_never_shows_in_more_than_its_first_piece(
    sizes: list[int], pauses: list[float]
) -> None:
    data, pieces = f"it is {VALUE}!\n".encode(), list[tuple[bytes, float]]()
    for size, pause in zip(sizes, pauses, strict=False):
        pieces.append((data[:size], pause))
        data = data[size:]
    clock = Clock()
    out = b"".join(one for _, one in shown_by(masked(VALUE, clock), clock, [*pieces, (data, 0.0)]))
    assert b"*" * 36 + b"!\n" in out or b"]\n" in out
    longest = max(size for size in range(len(VALUE) + 1) if VALUE[:size].encode() in out)
    assert longest < 4 + FEWEST_UNKNOWN + 9
    assert VALUE.encode() not in out
