"""Masks the values that a command got in its output, without rules or a scan."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator
from contextlib import nullcontext

from tokenward.findings.known_values.encodings import ValueSpelling
from tokenward.findings.known_values.known_values import FEW, KnownValues
from tokenward.operations.terminal.output_filter import FilterFactory, OutputFilter

_LATE = 0.25
"""Seconds without output after which the possible beginning of a value is shown."""
_SOON = 0.02
"""The same for a beginning of a few bytes, so that nobody who types such a line has to wait."""


class ValueMask(OutputFilter):
    """Shows everything except the values."""

    def __init__(
        self, spellings: Collection[ValueSpelling], columns: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(columns)
        self._clock = clock
        self._values = KnownValues(spellings)

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield self._values.feed(data)
        pause = _SOON if self._values.begun_bytes <= FEW else _LATE
        self.due = self._clock() + pause if self._values.held_bytes else None

    def flush(self) -> Iterator[bytes]:
        self.due = None
        yield self._values.release_now()

    def finish(self) -> Iterator[bytes]:
        self.due = None
        yield self._values.finish()


def mask_values(spellings: Collection[ValueSpelling]) -> FilterFactory:
    """Return filters that mask the values with these spellings."""
    return lambda: nullcontext(lambda columns: ValueMask(spellings, columns))
