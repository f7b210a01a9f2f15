"""Runs a command as the system can: with its output as it is or through filters, at a terminal or through pipes."""
# ruff: noqa: PLC0415 - either module loads on its own systems only

from __future__ import annotations

import sys

from tokenward.operations.terminal.command import Command, CommandResult
from tokenward.operations.terminal.output_filter import FilterFactory


def run_unfiltered(command: Command) -> CommandResult:
    """Run a command that shares our streams and our terminal.

    Raises:
        NotStarted: it cannot be started.
        Exception: it can no longer be attended; it was terminated.
    """
    if sys.platform == "win32":
        from tokenward.operations.terminal import windows_command

        return windows_command.run_unfiltered(command)
    from tokenward.operations.terminal import posix_command

    return posix_command.run_unfiltered(command)


def run_filtered(command: Command, filters: FilterFactory) -> CommandResult:
    """Run a command and pass its output through filters; at a separate terminal if a person is at ours.

    Windows always gives it pipes.

    Raises:
        NotStarted: it cannot be started.
        Exception: its output can no longer be passed on; it was terminated.
    """
    if sys.platform == "win32":
        from tokenward.operations.terminal import windows_command

        return windows_command.run_through_pipes(command, filters)
    from tokenward.operations.terminal.posix_command import has_terminal, run_at_terminal, run_through_pipes

    return (run_at_terminal if has_terminal() else run_through_pipes)(command, filters)
