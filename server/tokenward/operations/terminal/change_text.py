"""Changes output as a text: all of it up to a pause or some seconds, so that lines can be compared."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from tokenward.operations.terminal.output_filter import FilterFactory, OutputFilter

_PAUSE = 0.5
"""Seconds without output after which the text is shown."""
_LONGEST = 5.0
"""Seconds for which any output is held, so that a program that keeps printing is seen to work."""
_LARGEST = 4_194_304
"""The most bytes that are held back."""


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
