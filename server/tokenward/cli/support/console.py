"""Reading a line from the Windows console with a time limit, which is possible only key by key."""

from __future__ import annotations

import time
from typing import Protocol

_POLL_SECONDS = 0.05


class Keys(Protocol):
    """The functions of `msvcrt` that are used here."""

    def kbhit(self) -> bool:
        """Return whether a key was pressed and not read."""

    def getwch(self) -> str:
        """Wait for a key and return its character, without showing it."""

    def putwch(self, character: str, /) -> None:
        """Show a character."""


def discard_typed(keys: Keys) -> None:
    """Discard earlier input."""
    while keys.kbhit():
        keys.getwch()


def read_line(keys: Keys, seconds: float | None) -> str | None:
    """Return the input up to Enter, with its line end; empty for Ctrl-Z, None without Enter in time."""
    typed = ""
    deadline = None if seconds is None else time.monotonic() + seconds
    while deadline is None or time.monotonic() < deadline:
        if not keys.kbhit():
            time.sleep(_POLL_SECONDS)
            continue
        key = keys.getwch()
        if key in "\r\n":
            keys.putwch("\n")
            return f"{typed}\n"
        if key == "\x03":
            raise KeyboardInterrupt
        if key == "\x1a" and not typed:
            return ""
        if key in "\0\xe0":  # first half of an arrow or function key
            keys.getwch()
        elif key == "\b":
            for one in "\b \b" if typed else "":
                keys.putwch(one)
            typed = typed[:-1]
        elif key.isprintable():
            keys.putwch(key)
            typed += key
    return None
