"""chained: output that passes two filters, one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tokenward.operations.terminal.output_filter import FilterFactory, OutputFilter


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
