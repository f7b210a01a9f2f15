"""ValuesMasked: output in which the values that a command was given are masked; needs no rule and no scan."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext

from tokenward.findings.known_values import KnownValues
from tokenward.findings.spellings import Spelling
from tokenward.operations.output_filter import Filter, Filters

_FEW = 3
"""Held bytes that say nothing yet: somebody who types such an end of a line is not to wait for it."""
_SOON = 0.02
_LATE = 0.25
"""Seconds of silence after which no more is expected of what may be the beginning of a value."""


class ValuesMasked:
    """Shows all but the values; a Filter."""

    def __init__(self, spellings: Collection[Spelling], columns: int) -> None:
        self.due: float | None = None
        self.columns = columns
        self.fault: str | None = None
        self._values = KnownValues(spellings)

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._values.feed(data)
        held = self._values.held
        self.due = time.monotonic() + (_SOON if held <= _FEW else _LATE) if held else None

    def rest(self) -> Iterator[bytes]:
        yield from self.finish()

    def finish(self) -> Iterator[bytes]:
        self.due = None
        yield self._values.let_go()


def masking(spellings: Collection[Spelling]) -> Filters:
    """Filters that mask values by these spellings."""

    def ready() -> AbstractContextManager[Callable[[int], Filter]]:
        return nullcontext(lambda columns: ValuesMasked(spellings, columns))

    return ready
