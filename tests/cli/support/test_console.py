"""Input lines from a Windows console, simulated because these tests run without one."""

from __future__ import annotations

import pytest

from tokenward.cli.support.console import discard_typed, read_line


class Script:
    """The keys to press, and the text shown."""

    def __init__(self, keys: str) -> None:
        self.keys = list(keys)
        self.shown = ""

    def kbhit(self) -> bool:
        return bool(self.keys)

    def getwch(self) -> str:
        return self.keys.pop(0)

    def putwch(self, character: str, /) -> None:
        self.shown += character


@pytest.mark.parametrize(
    ("keys", "typed"),
    [
        ("once\r", "once\n"),
        ("onx\bce\r", "once\n"),
        ("\b\bo\r", "o\n"),
        ("\xe0Ho\0;\r", "o\n"),
        ("\r", "\n"),
        ("\x1a", ""),
        ("o\x1a\x07\r", "o\n"),
    ],
)
def test_a_line_is_what_was_typed_up_to_enter(keys: str, typed: str) -> None:
    assert read_line(Script(keys), None) == typed


def test_what_was_typed_before_a_question_is_dropped() -> None:
    script = Script("once\r\xe0H")
    discard_typed(script)
    assert not script.keys


def test_a_question_that_nobody_answers_has_an_end() -> None:
    """This includes a question whose answer was begun."""
    assert read_line(Script("onc"), 0.1) is None


def test_ctrl_c_ends_it() -> None:
    with pytest.raises(KeyboardInterrupt):
        read_line(Script("o\x03"), None)
