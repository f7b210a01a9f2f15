"""ValuesMasked: output in which the values that a command was given are masked; needs no rule and no scan."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import AbstractContextManager, nullcontext

from tokenward.findings.known_values.encodings import ValueSpelling
from tokenward.findings.known_values.known_values import FEW, KnownValues
from tokenward.operations.terminal.output_filter import Filter, Filters

_LATE = 0.25
"""Seconds of silence after which no more is expected of what may be the beginning of a value."""
_SOON = 0.02
"""The same where next to nothing of it has come: somebody who types such an end of a line is not to wait."""
Clock = Callable[[], float]


class ValuesMasked:
    """Shows all but the values; a Filter."""

    def __init__(
        self, spellings: Collection[ValueSpelling], columns: int, clock: Clock = time.monotonic
    ) -> None:
        self.due: float | None = None
        self.columns = columns
        self.fault: str | None = None
        self._clock = clock
        self._values = KnownValues(spellings)

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._values.feed(data)
        pause = _SOON if self._values.begun_bytes <= FEW else _LATE
        self.due = self._clock() + pause if self._values.held_bytes else None

    def rest(self) -> Iterator[bytes]:
        self.due = None
        yield self._values.release_now()

    def finish(self) -> Iterator[bytes]:
        self.due = None
        yield self._values.finish()


def masking(spellings: Collection[ValueSpelling]) -> Filters:
    """Filters that mask values by these spellings."""

    def ready() -> AbstractContextManager[Callable[[int], Filter]]:
        return nullcontext(lambda columns: ValuesMasked(spellings, columns))

    return ready
