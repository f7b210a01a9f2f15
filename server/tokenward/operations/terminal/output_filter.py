"""OutputFilter: what is done to output before or while it is shown.

A filter yields the bytes that may be shown, so that it can go on once they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol


class OutputFilter(Protocol):
    """Filters one stream of output.

    Attributes:
        due: when to call `flush` unless more output comes before, on the monotonic clock; None for never.
        columns: the width of the terminal, 0 where there is none.
        fault: the type of the exception that ended scanning; None while it works.
    """

    due: float | None
    columns: int
    fault: str | None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take more output, and yield the bytes that may be shown."""

    def flush(self) -> Iterator[bytes]:
        """Yield the held bytes that may be shown, as no more output is pending and it is due."""

    def finish(self) -> Iterator[bytes]:
        """Yield all bytes that are still held, as the output has ended."""


FilterFactory = Callable[[], AbstractContextManager[Callable[[int], OutputFilter]]]
"""Entered once the command has started; makes filters for terminals of so many columns, 0 for none."""
