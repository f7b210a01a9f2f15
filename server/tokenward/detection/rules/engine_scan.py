"""One scan of a text by the engine, with a time limit and cancellation.

The engine is imported when it is first needed, as in engine.py.
"""
# ruff: noqa: PLC0415 - see above

from __future__ import annotations

import re
import sys
from functools import cache
from importlib.util import find_spec, module_from_spec
from threading import Event, Timer
from time import monotonic
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from kingfisher_sdk.core import Finding as Match
    from kingfisher_sdk.inputs import CancellationToken, ScanInput
    from kingfisher_sdk.rules import Rules

# The engine's package imports all of its parts, such as that for requests, which takes 30 ms; we import what we need.
if "kingfisher_sdk" not in sys.modules and (_spec := find_spec("kingfisher_sdk")):
    sys.modules["kingfisher_sdk"] = module_from_spec(_spec)

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
SLOWEST = 0.000_1
"""Seconds per byte, several times the worst measured; a text that stays below the limit needs no timer."""


class TextScanner(Protocol):
    """What scans texts: one of the engine, or several.

    Attributes:
        rules: the rules by which it does so.
    """

    rules: Rules

    def scan_input(self, source: ScanInput, *, cancellation: CancellationToken | None = None) -> list[Match]:
        """Return the matches in a text, in no order."""
        ...


class Cancellation:
    """Stops a superseded scan, from any thread."""

    def __init__(self) -> None:
        from kingfisher_sdk.inputs import CancellationToken

        self.token = CancellationToken()

    def cancel(self) -> None:
        """Stop the scan."""
        self.token.cancel()

    @property
    def is_cancelled(self) -> bool:
        """Return whether the scan was cancelled."""
        return self.token.is_cancelled


class Limits:
    """The limits of the scans of a text: a shared deadline, and a cancellation."""

    def __init__(self, timeout: float | None = None, cancellation: Cancellation | None = None) -> None:
        """Set the deadline in seconds from now; cooperative, so a large text can overrun it by about 0.1 s."""
        self._deadline = None if timeout is None else monotonic() + timeout
        self._cancellation = cancellation

    def check(self) -> None:
        """Raise a TimeoutError if the time is over, and a RuntimeError if the scan was cancelled."""
        if self._cancellation is not None and self._cancellation.is_cancelled:
            raise RuntimeError("cancelled")
        if self._deadline is not None and monotonic() > self._deadline:
            raise TimeoutError

    def scan(self, scanner: TextScanner, source: ScanInput) -> list[Match]:
        """Return a scanner's matches in a text, in no order.

        Raises:
            TimeoutError: the deadline passed.
            RuntimeError: the scan was cancelled.
        """
        # A text that is too small to take that long needs no timer.
        remaining = None if self._deadline is None else max(0.001, self._deadline - monotonic())
        if remaining is None or len(source.data or b"") * SLOWEST < remaining:
            token = self._cancellation.token if self._cancellation else None
            return scanner.scan_input(source, cancellation=token)
        return _scan_in_time(scanner, source, remaining, self._cancellation or Cancellation())


def to_utf8(text: str) -> bytes:
    """Encode a text in UTF-8, with each lone surrogate as one character."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return LONE_SURROGATE.sub("\ufffd", text).encode()


def source_of(data: bytes, path: str) -> ScanInput:
    """Return a UTF-8 text as input for the engine, whose path must not be empty."""
    # The engine would mistake many NULs for UTF-16, and miss the text beside them.
    return _input_type()(path=path, data=data.replace(b"\0", b"\1"))


@cache
def _input_type() -> type[ScanInput]:
    from kingfisher_sdk.inputs import ScanInput

    return ScanInput


def _scan_in_time(
    scanner: TextScanner, source: ScanInput, seconds: float, cancellation: Cancellation
) -> list[Match]:
    """Scan, and cancel when the time is over; the engine's own time limit would double the duration."""
    over = Event()

    def stop() -> None:
        over.set()
        cancellation.cancel()

    timer = Timer(seconds, stop)
    timer.daemon = True
    timer.start()
    try:
        return scanner.scan_input(source, cancellation=cancellation.token)
    except RuntimeError:
        if over.is_set():
            raise TimeoutError from None
        raise
    finally:
        timer.cancel()
