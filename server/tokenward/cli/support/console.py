"""A line from the console of Windows, which can be waited for only by its keys."""

from __future__ import annotations

import time
from typing import Protocol

_MOMENT = 0.05


class Keys(Protocol):
    """What `msvcrt` has."""

    def kbhit(self) -> bool: ...
    def getwch(self) -> str: ...
    def putwch(self, character: str, /) -> None: ...


def forget_typed(keys: Keys) -> None:
    """Drop what was typed before."""
    while keys.kbhit():
        keys.getwch()


def line(keys: Keys, seconds: float | None) -> str | None:
    """What is typed up to Enter, with its end; empty for Ctrl-Z, None when there is no Enter in time."""
    typed = ""
    deadline = None if seconds is None else time.monotonic() + seconds
    while deadline is None or time.monotonic() < deadline:
        if not keys.kbhit():
            time.sleep(_MOMENT)
            continue
        key = keys.getwch()
        if key in "\r\n":
            keys.putwch("\n")
            return f"{typed}\n"
        if key == "\x03":
            raise KeyboardInterrupt
        if key == "\x1a" and not typed:
            return ""
        typed = _typed(keys, typed, key)
    return None


def _typed(keys: Keys, typed: str, key: str) -> str:
    if key in "\0\xe0":  # half of an arrow or of a function key
        keys.getwch()
    elif key == "\b":
        for one in "\b \b" if typed else "":
            keys.putwch(one)
        return typed[:-1]
    elif key.isprintable():
        keys.putwch(key)
        return typed + key
    return typed
