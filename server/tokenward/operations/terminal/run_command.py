"""A command runs while what it shows goes through filters, at a terminal of its own or through pipes. POSIX alone."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass

from tokenward.operations.terminal.output_filter import Filters
from tokenward.operations.terminal.relay import NEEDED, PASSED_ON, Channel, Relay, TerminalRelay
from tokenward.operations.terminal.signals import caught
from tokenward.sources.stream.child_process import (
    RawTerminal,
    copy_size,
    exit_code,
    open_terminal,
    send,
    start,
)


@dataclass(frozen=True, slots=True)
class Command:
    """What is started.

    Attributes:
        program: its path.
        arguments: what it is told, its own name first.
        environment: all of it.
        is_shell: it is a shell that somebody sits at.
    """

    program: str
    arguments: Sequence[bytes]
    environment: Mapping[bytes, bytes]
    is_shell: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """How it went.

    Attributes:
        code: the command's exit code, or 128 and the number of the signal that ended it.
        fault: the type of what kept a part of the output from being scanned; None when all was.
    """

    code: int
    fault: str | None


def has_terminal() -> bool:
    """Whether somebody types what the command reads, and sees what it shows; a job in the background has nobody."""
    if not os.isatty(0) or not os.isatty(1):
        return False
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:  # it is not the terminal of our session, so that it does not control us
        return True


def run_at_terminal(command: Command, filters: Filters) -> Ended:
    """Run a command at a terminal of its own, which is like the one that somebody sits at.

    Raises:
        NotStarted: it cannot be started.
        Exception: what was shown cannot be passed on any more; the command was hung up.
    """
    with ExitStack() as stack:
        signals = stack.enter_context(caught(NEEDED, PASSED_ON))
        terminal = open_terminal(0)
        stack.callback(os.close, terminal.ours)
        streams = {0: terminal.theirs, 1: terminal.theirs, 2: terminal.theirs}
        # What goes to a file or a pipe is to go there.
        errors = None if os.isatty(2) else os.pipe()
        if errors:
            streams[2] = errors[1]
        stack.enter_context(RawTerminal(0))
        try:
            pid = start(command.program, command.arguments, command.environment, streams, is_session=True)
        finally:
            _close(set(streams.values()))
        # Not before the command has been started: a thread must not be forked.
        filter_for = stack.enter_context(filters())
        columns = copy_size(0, terminal.ours)
        channels = [Channel(terminal.ours, 1, filter_for(columns))]
        if errors:
            channels.append(Channel(errors[0], 2, filter_for(0)))
        relay = TerminalRelay(pid, channels, signals, 0, terminal.ours, is_shell=command.is_shell)
        return _run(relay, pid, channels, signal.SIGHUP)


def run_through_pipes(command: Command, filters: Filters) -> Ended:
    """Run a command that reads what we would, and writes to pipes: to one, so that the order stays, if we write to one.

    Raises:
        NotStarted: it cannot be started.
        Exception: what was written cannot be passed on any more; the command was terminated.
    """
    with ExitStack() as stack:
        signals = stack.enter_context(caught(NEEDED, PASSED_ON))
        output = os.pipe()
        errors = None if _go_to_one_place() else os.pipe()
        streams = {1: output[1], 2: (errors or output)[1]}
        try:
            pid = start(command.program, command.arguments, command.environment, streams, is_session=False)
        finally:
            _close(set(streams.values()))
        # Not before the command has been started: a thread must not be forked.
        filter_for = stack.enter_context(filters())
        channels = [Channel(output[0], 1, filter_for(0))]
        if errors:
            channels.append(Channel(errors[0], 2, filter_for(0)))
        return _run(Relay(pid, channels, signals), pid, channels, signal.SIGTERM)


def _run(relay: Relay, pid: int, channels: Sequence[Channel], end: int) -> Ended:
    try:
        status = relay.run()
    except BaseException:
        send(pid, end)
        raise
    faults = (channel.filter.fault for channel in channels)
    return Ended(exit_code(status), next((fault for fault in faults if fault), None))


def _go_to_one_place() -> bool:
    try:
        return os.path.sameopenfile(1, 2)
    except OSError:
        return False


def _close(descriptors: Iterable[int]) -> None:
    for descriptor in descriptors:
        with suppress(OSError):
            os.close(descriptor)
