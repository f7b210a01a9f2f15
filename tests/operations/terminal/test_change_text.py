"""Output is held up to a pause, changed as a whole, and never held for long."""

from __future__ import annotations

import time

import pytest

from tokenward.operations.terminal.output_filter import HeldOutput


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    one = Clock()
    monkeypatch.setattr(time, "monotonic", one)
    return one


def test_output_up_to_a_pause_is_changed_as_one_text(clock: Clock) -> None:
    held = HeldOutput(lambda text: text.replace("a\nb", "-"), 80)
    assert [*held.feed(b"a\n"), *held.feed(b"b\n")] == []
    assert held.due is not None
    assert held.due > clock.now
    assert [*held.flush()] == [b"-\n"]
    assert held.due is None
    assert [*held.feed(b"\xff"), *held.finish()] == [b"\xff"]


def test_a_program_that_never_pauses_is_seen_to_work(clock: Clock) -> None:
    held = HeldOutput(str, 80)
    start, shown = clock.now, b""
    for _ in range(100):
        shown += b"".join(held.feed(b"."))
        clock.now += 0.1
        if held.due is not None and clock.now >= held.due:
            shown += b"".join(held.flush())
    assert clock.now - start < 11
    assert len(shown) > 50


def test_much_output_is_not_held() -> None:
    held = HeldOutput(str, 80)
    assert sum(len(one) for _ in range(5) for one in held.feed(b"x" * 1_000_000)) == 5_000_000
