"""OutputFilter: processes output before or while it is shown.

A filter yields the bytes that may be shown, so that it can continue once they are written.
"""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

PAUSE = 0.5
"""Seconds without output after which whole lines are shown."""
_LONGEST = 5.0
"""Seconds for which a whole line is held while more comes, and the rest of a begun one while nothing comes."""
_LARGEST = 4_194_304
"""The most bytes that are held back."""
_LONGEST_BEGUN = 4_096
"""The most bytes of an unfinished line that are read again with its rest."""


class OutputFilter(ABC):
    """Filters one stream of output.

    Attributes:
        due: when to call `flush` if no more output arrives before, on the monotonic clock; None for never.
        fault: the type of the exception that ended scanning, if any.
    """

    def __init__(self, columns: int) -> None:
        """Take the width of the terminal, 0 for none."""
        self.due: float | None = None
        self.fault: str | None = None
        self._columns = columns

    def resize(self, columns: int) -> None:
        """Set the width of the terminal."""
        self._columns = columns

    @abstractmethod
    def feed(self, data: bytes) -> Iterator[bytes]:
        """Consume more output, and yield the bytes that may be shown."""

    @abstractmethod
    def flush(self) -> Iterator[bytes]:
        """Yield the retained bytes that may be shown, once `due` has passed and no more output is pending."""

    @abstractmethod
    def finish(self) -> Iterator[bytes]:
        """Yield all the remaining bytes at the end of the output."""


FilterFactory = Callable[[], AbstractContextManager[Callable[[int], OutputFilter]]]
"""Entered once the command has started; creates a filter for a width of the terminal, 0 for none."""


class HeldOutput(OutputFilter):
    """Holds output, up to a few megabytes, and shows what a function returns for it, which sees whole lines.

    When anything is shown depends on when bytes and ends of lines came, and never on what they are. The beginning of an
    unfinished line is shown like a line, because it may ask for input; its rest at its end, or after a long pause.
    """

    def __init__(
        self,
        change: Callable[[str], str],
        columns: int,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(columns)
        self._change = change
        self._pause = pause
        self._clock = clock
        self._held = bytearray()
        self._first = 0.0
        self._begun = self._shown = b""
        """The beginning of an unfinished line that was shown, as it came and as it was shown."""

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield from self.flush()
        now = self._clock()
        self._first = self._first if self._held else now
        self._held += data
        if len(self._held) > _LARGEST:
            yield self._release()
        elif b"\n" in self._held:
            self.due = min(now + self._pause, self._first + _LONGEST)
        else:
            self.due = now + (_LONGEST if self._begun else self._pause)

    def flush(self) -> Iterator[bytes]:
        if self.due is not None and self.due <= self._clock():
            yield self._release()

    def finish(self) -> Iterator[bytes]:
        yield self._release()

    def _release(self) -> bytes:
        self.due = None
        data, before = self._begun + bytes(self._held), self._shown
        self._held.clear()
        text = data.decode("utf-8", "surrogateescape")
        changed = self._change(text)
        shown = data if changed == text else changed.encode("utf-8", "surrogateescape")
        self._begun, self._shown = (one[one.rfind(b"\n") + 1 :][-_LONGEST_BEGUN:] for one in (data, shown))
        # What was shown of a line is now part of a value: the line is shown again, masked.
        return shown[len(before) :] if shown.startswith(before) else b"\n" + shown


def change_text(change: Callable[[str], str], pause: float = PAUSE) -> FilterFactory:
    """Return filters that show what a function returns for each text."""
    return lambda: nullcontext(lambda columns: HeldOutput(change, columns, pause))


def chained(first: FilterFactory, second: FilterFactory) -> FilterFactory:
    """Return filters whose output was shown by the first and then by the second."""

    @contextmanager
    def ready() -> Iterator[Callable[[int], OutputFilter]]:
        with first() as one, second() as other:
            yield lambda columns: ChainedFilter(one(columns), other(columns))

    return ready


class ChainedFilter(OutputFilter):
    """Two filters, of which the second sees what the first shows."""

    def __init__(self, first: OutputFilter, second: OutputFilter) -> None:
        super().__init__(0)
        self._first = first
        self._second = second

    def resize(self, columns: int) -> None:
        self._first.resize(columns)
        self._second.resize(columns)

    def feed(self, data: bytes) -> Iterator[bytes]:
        yield from self._passed_on(self._first.feed(data))

    def flush(self) -> Iterator[bytes]:
        yield from self._passed_on(self._first.flush(), self._second.flush)

    def finish(self) -> Iterator[bytes]:
        yield from self._passed_on(self._first.finish(), self._second.finish)

    def _passed_on(
        self, shown: Iterator[bytes], rest: Callable[[], Iterator[bytes]] = lambda: iter(())
    ) -> Iterator[bytes]:
        for data in shown:
            yield from self._second.feed(data)
        yield from rest()
        self.due = min((due for due in (self._first.due, self._second.due) if due is not None), default=None)
        self.fault = self._first.fault or self._second.fault
