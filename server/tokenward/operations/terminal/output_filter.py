"""Filter: what is done to output on its way.

A filter gives what may be shown as an iterator, so that it can go on when that was written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

PORTION = 65_536
"""Bytes that are read at once."""


class Filter(Protocol):
    """Output on its way.

    Attributes:
        due: when `rest` is to be called if nothing comes before, on the monotonic clock; None for never.
        columns: the width of the terminal, 0 where there is none.
        fault: the type of what keeps it from scanning any more; None as long as it does.
    """

    due: float | None
    columns: int
    fault: str | None

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Take what came; gives what may be shown."""

    def rest(self) -> Iterator[bytes]:
        """Nothing more is waiting and it is due; gives what may be shown of what is held."""

    def finish(self) -> Iterator[bytes]:
        """Nothing comes any more; gives all that was held."""


Filters = Callable[[], AbstractContextManager[Callable[[int], Filter]]]
"""Entered when the command has been started; makes filters for terminals of so many columns, 0 for none."""
