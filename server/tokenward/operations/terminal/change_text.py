"""Changes output as a text: all of it up to a pause, so that a function can compare lines with each other."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

from tokenward.operations.terminal.output_filter import FilterFactory, OutputFilter

_PAUSE = 0.5
"""Seconds without output after which the text is shown."""
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

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._held += data
        if len(self._held) > _LARGEST:
            yield from self.flush()
        elif self._held:
            self.due = time.monotonic() + _PAUSE

    def flush(self) -> Iterator[bytes]:
        self.due = None
        data, self._held = self._held, b""
        text = data.decode("utf-8", "surrogateescape")
        changed = self._change(text)
        yield data if changed == text else changed.encode("utf-8", "surrogateescape")

    def finish(self) -> Iterator[bytes]:
        yield from self.flush()


def change_text(change: Callable[[str], str]) -> FilterFactory:
    """Return filters that show what a function returns for each text."""

    def ready() -> AbstractContextManager[Callable[[int], OutputFilter]]:
        return nullcontext(lambda columns: HeldOutput(change, columns))

    return ready
