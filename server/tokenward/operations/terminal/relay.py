"""Passes a command's output through filters, and keys and signals to the command."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from tokenward.masked_start import is_sent_to_all
from tokenward.operations.terminal.output_filter import OutputFilter
from tokenward.sources.stream.child_process import copy_size, send

ENDING = (signal.SIGTERM, signal.SIGHUP)
"""Signals that end us, after the command that we started."""
PASSED_ON = (signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2, *ENDING)
NEEDED = (signal.SIGCHLD, signal.SIGWINCH)
_PORTION = 65_536
"""The most bytes that are read at once."""
_MOST_TYPED = 65_536
"""The most bytes that wait for a program that does not read."""
_AFTER_THE_END = 0.05
"""Seconds within which the last output of an ended command may still arrive."""
_GRACE = 2.0
"""Seconds for a shell to end after its terminal was closed, and for the programs that it leaves to go silent."""


@dataclass(frozen=True, slots=True)
class Channel:
    """One stream of output."""

    source: int
    target: int
    filter: OutputFilter

    def pump(self) -> bool:
        """Pass on the pending output; return whether more may arrive."""
        try:
            data = os.read(self.source, _PORTION)
        except BlockingIOError:
            return True
        except OSError:  # how Linux says that no program has the terminal open
            data = b""
        return bool(data) and self.show(self.filter.feed(data))

    def show(self, pieces: Iterable[bytes]) -> bool:
        """Write all pieces; return False if the reader has ended."""
        can_write = True
        for piece in pieces:
            can_write = can_write and _write(self.target, piece)
        return can_write


class Relay:
    """Serves a started command and its output."""

    def __init__(self, pid: int, channels: Iterable[Channel], signals: int) -> None:
        """Take the command, its output, and the descriptor to read the numbers of signals from."""
        self._pid = pid
        self._channels = list(channels)
        self._signals = signals
        self._status: int | None = None
        self._is_over = False

    def run(self) -> int:
        """Return the status from `waitpid` once the command has ended and all its output is passed on."""
        while self._status is None or self._goes_on():
            self._turn()
        for channel in self._channels:
            channel.show(channel.filter.finish())
        return self._status

    def _goes_on(self) -> bool:
        """Return whether programs that the ended command started still hold its pipes."""
        return bool(self._channels) and not self._is_over

    def _turn(self) -> None:
        timeout = self._timeout()
        sources = [channel.source for channel in self._channels]
        ready, writable = self._wait([self._signals, *sources], timeout)
        if self._signals in ready:
            with suppress(BlockingIOError):
                for number in os.read(self._signals, 4096):
                    self._handle_signal(number)
        self._type(ready, writable)
        now = time.monotonic()
        for channel in tuple(self._channels):
            due, is_open = channel.filter.due, True
            if channel.source in ready:
                is_open = channel.pump()
            elif due is not None and due <= now:
                is_open = channel.show(channel.filter.flush())
            if not is_open:
                channel.show(channel.filter.finish())
                self._channels.remove(channel)
                # The command then fails to write, as if its own reader had ended.
                self._close(channel)

    def _wait(self, sources: list[int], timeout: float | None) -> tuple[list[int], list[int]]:
        ready, _, _ = select.select(sources, [], [], timeout)
        return ready, []

    def _type(self, ready: list[int], writable: list[int]) -> None:
        """Pass on typed keys."""

    def _timeout(self) -> float | None:
        dues = [channel.filter.due for channel in self._channels]
        return min((max(0.0, due - time.monotonic()) for due in dues if due is not None), default=None)

    def _close(self, channel: Channel) -> None:
        os.close(channel.source)

    def _handle_signal(self, number: int) -> None:
        if number == signal.SIGCHLD and self._status is None:
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            self._status = status if pid else None
        elif number in PASSED_ON:
            self._pass_on(number)

    def _pass_on(self, number: int) -> None:
        if self._status is not None:
            # Only programs left behind by the command are running, and nobody wants to wait for them.
            self._is_over = True
        elif not (number in (signal.SIGINT, signal.SIGQUIT) and is_sent_to_all()):
            send(self._pid, number)


class TerminalRelay(Relay):
    """Serves a command at its own terminal, and typed keys."""

    def __init__(
        self,
        pid: int,
        channels: Iterable[Channel],
        signals: int,
        terminal: int,
        *,
        is_shell: bool,
    ) -> None:
        """Take our end of the command's terminal, and whether it is a shell, which ends only when that is closed."""
        super().__init__(pid, channels, signals)
        self._terminal = terminal
        self._keyboard: int | None = 0
        self._typed = bytearray()
        self._is_shell = is_shell
        self._end: float | None = None

    def _goes_on(self) -> bool:
        """Return whether output still arrives; like a terminal, do not wait for programs left behind."""
        self._end = self._end or time.monotonic() + _GRACE
        sources = [channel.source for channel in self._channels]
        is_late = time.monotonic() >= self._end
        return bool(sources and not is_late and select.select(sources, [], [], _AFTER_THE_END)[0])

    def _timeout(self) -> float | None:
        timeout = super()._timeout()
        if self._end is None:
            return timeout
        return max(0.0, min(self._end - time.monotonic(), _GRACE if timeout is None else timeout))

    def _wait(self, sources: list[int], timeout: float | None) -> tuple[list[int], list[int]]:
        if self._status is None and self._end is not None and time.monotonic() >= self._end:
            send(self._pid, signal.SIGKILL)
        if self._keyboard is not None and len(self._typed) < _MOST_TYPED:
            sources = [*sources, self._keyboard]
        ready, writable, _ = select.select(sources, [self._terminal] if self._typed else [], [], timeout)
        return ready, writable

    def _type(self, ready: list[int], writable: list[int]) -> None:
        if self._keyboard in ready:
            try:
                data = os.read(0, 4096)
            except OSError:
                data = b""
            self._typed += data
            if not data:
                self._keyboard = None
                self._pass_on(signal.SIGHUP)
        if self._typed and (self._terminal in writable or self._keyboard in ready):
            try:
                del self._typed[: os.write(self._terminal, self._typed)]
            except BlockingIOError:
                pass
            except OSError:  # no program has the terminal open
                self._typed.clear()

    def _close(self, channel: Channel) -> None:
        if channel.source != self._terminal:
            super()._close(channel)

    def _handle_signal(self, number: int) -> None:
        if number == signal.SIGWINCH:
            columns = copy_size(0, self._terminal)
            for channel in self._channels:
                channel.filter.resize(columns)
        else:
            super()._handle_signal(number)

    def _pass_on(self, number: int) -> None:
        if number in ENDING and self._is_shell:
            number = signal.SIGHUP
            self._end = self._end or time.monotonic() + _GRACE
        if self._status is None:
            send(self._pid, number)


def _write(target: int, data: bytes) -> bool:
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(target, view) :]
        except BlockingIOError:
            select.select([], [target], [])
        except OSError:
            return False
    return True
