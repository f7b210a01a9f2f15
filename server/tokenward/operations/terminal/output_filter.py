"""OutputFilter: processes output before or while it is shown.

A filter yields the bytes that may be shown, so that it can continue once they are written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol


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
