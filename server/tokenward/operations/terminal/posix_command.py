"""Runs a command, with its output as it is or through filters, at its own terminal or through pipes. POSIX only."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress

from tokenward.operations.terminal.command import Command, CommandResult
from tokenward.operations.terminal.output_filter import FilterFactory
from tokenward.operations.terminal.relay import NEEDED, PASSED_ON, Channel, Relay, TerminalRelay
from tokenward.sources.stream import child_process
from tokenward.sources.stream.child_process import copy_size, exit_code, open_terminal, raw_terminal, send


def has_terminal() -> bool:
    """Return whether a person types the command's input and sees its output; False for a background job."""
    if not os.isatty(0) or not os.isatty(1):
        return False
    try:
        return os.tcgetpgrp(0) == os.getpgrp()
    except OSError:  # it is not our session's terminal, so it does not control us
        return True


def run_unfiltered(command: Command) -> CommandResult:
    """Run a command that shares our streams and our terminal.

    Raises:
        NotStarted: it cannot be started.
        Exception: it can no longer be attended; it was terminated.
    """
    with caught_signals() as signals, command.around:
        pid = _start(command, {}, is_session=False)
        return _run(Relay(pid, (), signals), pid, (), signal.SIGTERM)


def run_filtered(command: Command, filters: FilterFactory) -> CommandResult:
    """Run a command and pass its output through filters; at a separate terminal if a person is at ours.

    Raises:
        NotStarted: it cannot be started.
        Exception: its output can no longer be passed on; it was ended.
    """
    return (_run_at_terminal if has_terminal() else _run_through_pipes)(command, filters)


def _run_at_terminal(command: Command, filters: FilterFactory) -> CommandResult:
    with caught_signals() as signals, command.around, ExitStack() as stack:
        terminal = open_terminal(0)
        stack.callback(os.close, terminal.ours)
        streams = {0: terminal.theirs, 1: terminal.theirs, 2: terminal.theirs}
        # Errors that go to a file or a pipe must still go there.
        errors = None if os.isatty(2) else os.pipe()
        if errors:
            streams[2] = errors[1]
        stack.enter_context(raw_terminal(0))
        pid = _start(command, streams, is_session=True)
        # Not before the command has started, because a process with threads must not be forked.
        filter_for = stack.enter_context(filters())
        columns = copy_size(0, terminal.ours)
        channels = [Channel(terminal.ours, 1, filter_for(columns))]
        if errors:
            channels.append(Channel(errors[0], 2, filter_for(0)))
        relay = TerminalRelay(pid, channels, signals, terminal.ours, is_shell=command.is_shell)
        return _run(relay, pid, channels, signal.SIGHUP)


def _run_through_pipes(command: Command, filters: FilterFactory) -> CommandResult:
    """Run a command that shares our input and writes to pipes, or to one pipe if our two streams are the same."""
    with caught_signals() as signals, command.around, ExitStack() as stack:
        output = os.pipe()
        is_one_stream = False
        with suppress(OSError):
            is_one_stream = os.path.sameopenfile(1, 2)
        # One pipe keeps the order of output and errors.
        errors = None if is_one_stream else os.pipe()
        pid = _start(command, {1: output[1], 2: (errors or output)[1]}, is_session=False)
        # Not before the command has started, because a process with threads must not be forked.
        filter_for = stack.enter_context(filters())
        channels = [Channel(output[0], 1, filter_for(0))]
        if errors:
            channels.append(Channel(errors[0], 2, filter_for(0)))
        return _run(Relay(pid, channels, signals), pid, channels, signal.SIGTERM)


@contextmanager
def caught_signals() -> Iterator[int]:
    """Catch the signals that a relay needs, and yield a descriptor from which the number of each is read as a byte.

    Those that it passes on are not caught if our parent, such as `nohup`, had them ignored.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    numbers = [*NEEDED, *(number for number in PASSED_ON if signal.getsignal(number) != signal.SIG_IGN)]
    before = signal.set_wakeup_fd(writing, warn_on_full_buffer=False)
    handlers = {number: signal.signal(number, lambda *_: None) for number in numbers}
    try:
        yield reading
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)
        signal.set_wakeup_fd(before)
        os.close(reading)
        os.close(writing)


def _start(command: Command, streams: Mapping[int, int], *, is_session: bool) -> int:
    """Start a command, close its ends of the streams here, and return its process id."""
    program, arguments, environment = command.program, command.arguments, command.environment
    try:
        return child_process.start(program, arguments, environment, streams, is_session=is_session)
    finally:
        for descriptor in set(streams.values()):
            with suppress(OSError):
                os.close(descriptor)


def _run(relay: Relay, pid: int, channels: Sequence[Channel], end: int) -> CommandResult:
    try:
        status = relay.run()
    except BaseException:
        send(pid, end)
        raise
    faults = (channel.filter.fault for channel in channels)
    return CommandResult(exit_code(status), next((fault for fault in faults if fault), None))
