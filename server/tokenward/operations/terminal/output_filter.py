"""OutputFilter: processes output before or while it is shown.

A filter yields the bytes that may be shown, so that it can continue once they are written.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Protocol

_PAUSE = 0.5
"""Seconds without output after which the text is shown."""
_LONGEST = 5.0
"""Seconds for which any output is held, so that a program that keeps printing is seen to work."""
_LARGEST = 4_194_304
"""The most bytes that are held back."""


class OutputFilter(Protocol):
    """Filters one stream of output.

    Attributes:
        due: when to call `flush` if no more output arrives before, on the monotonic clock; None for never.
        columns: the width of the terminal, 0 for none.
        fault: the type of the exception that ended scanning, if any.
    """

    due: float | None
    columns: int
    fault: str | None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Consume more output, and yield the bytes that may be shown."""

    def flush(self) -> Iterator[bytes]:
        """Yield the retained bytes that may be shown, once `due` has passed and no more output is pending."""

    def finish(self) -> Iterator[bytes]:
        """Yield all the remaining bytes at the end of the output."""


FilterFactory = Callable[[], AbstractContextManager[Callable[[int], OutputFilter]]]
"""Entered once the command has started; creates a filter for a width of the terminal, 0 for none."""


class HeldOutput:
    """Shows what a function returns for a text; an OutputFilter."""

    def __init__(self, change: Callable[[str], str], columns: int) -> None:
        self.due: float | None = None
        self.columns = columns
        self.fault: str | None = None
        self._change = change
        self._held = b""
        self._latest = 0.0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Hold output; yield it, changed, once it is more than a few megabytes."""
        now = time.monotonic()
        if not self._held:
            self._latest = now + _LONGEST
        self._held += data
        if len(self._held) > _LARGEST:
            yield from self.flush()
        elif self._held:
            self.due = min(now + _PAUSE, self._latest)

    def flush(self) -> Iterator[bytes]:
        """Yield the held output, changed."""
        self.due = None
        data, self._held = self._held, b""
        text = data.decode("utf-8", "surrogateescape")
        changed = self._change(text)
        yield data if changed == text else changed.encode("utf-8", "surrogateescape")

    def finish(self) -> Iterator[bytes]:
        """Yield the rest, changed."""
        yield from self.flush()


def change_text(change: Callable[[str], str]) -> FilterFactory:
    """Return filters that show what a function returns for each text."""

    def ready() -> AbstractContextManager[Callable[[int], OutputFilter]]:
        return nullcontext(lambda columns: HeldOutput(change, columns))

    return ready


def chained(first: FilterFactory, second: FilterFactory) -> FilterFactory:
    """Return filters whose output was shown by the first and then by the second."""

    @contextmanager
    def ready() -> Iterator[Callable[[int], OutputFilter]]:
        with first() as one, second() as other:
            yield lambda columns: ChainedFilter(one(columns), other(columns))

    return ready


class ChainedFilter:
    """Two filters, of which the second sees what the first shows; an OutputFilter."""

    def __init__(self, first: OutputFilter, second: OutputFilter) -> None:
        self._first = first
        self._second = second

    @property
    def due(self) -> float | None:
        return min((due for due in (self._first.due, self._second.due) if due is not None), default=None)

    @due.setter
    def due(self, due: float | None) -> None:
        self._first.due = self._second.due = due

    @property
    def columns(self) -> int:
        return self._second.columns

    @columns.setter
    def columns(self, columns: int) -> None:
        self._first.columns = self._second.columns = columns

    @property
    def fault(self) -> str | None:
        return self._first.fault or self._second.fault

    @fault.setter
    def fault(self, fault: str | None) -> None:
        self._second.fault = fault

    def feed(self, data: bytes) -> Iterator[bytes]:
        for shown in self._first.feed(data):
            yield from self._second.feed(shown)

    def flush(self) -> Iterator[bytes]:
        for shown in self._first.flush():
            yield from self._second.feed(shown)
        yield from self._second.flush()

    def finish(self) -> Iterator[bytes]:
        for shown in self._first.finish():
            yield from self._second.feed(shown)
        yield from self._second.finish()
