"""parsing_once: what is made of a text is made only once within a block."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

Made = TypeVar("Made")
_made: ContextVar[dict[Hashable, Any] | None] = ContextVar("made", default=None)


@contextmanager
def parsing_once(made: dict[Hashable, Any] | None = None) -> Iterator[None]:
    """Parse and read no text twice within the block, or within all with the same `made`.

    Keep that short, because texts contain values.
    """
    token = _made.set({} if made is None else made)
    try:
        yield
    finally:
        _made.reset(token)


def once(key: Hashable, make: Callable[[], Made]) -> Made:
    """Return the result of `make`, made once for each key within `parsing_once`."""
    known = _made.get()
    if known is None:
        return make()
    if key not in known:
        known[key] = make()
    found: Made = known[key]
    return found
