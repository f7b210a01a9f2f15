"""`tokenward exec`: run a command and scan its output."""

from __future__ import annotations

import os

import typer

from tokenward.cli.support.environment import encode_environment, inherited_environment
from tokenward.cli.support.exits import exit_not_found
from tokenward.operations.programs import find_program


def execute(
    command: list[str] = typer.Argument(..., metavar="COMMAND", help="The command and its arguments."),
    mask: bool = typer.Option(False, "--mask/--no-mask", help="Show only the public prefix of each token."),
) -> None:
    """Run a command and report tokens in its output.

    The output is passed on unchanged, unless you choose --mask. The command keeps the terminal, gets all signals, and
    sets the exit code, which is 128 plus the signal's number if a signal ended it. The exit code is 125 if Tokenward
    fails before the command starts, 126 if the command cannot be started, and 127 if it is not found.
    """
    from tokenward.cli.support.watched_command import run_watched
    from tokenward.operations.terminal.command import Command

    program = find_program(command[0])
    if program is None:
        exit_not_found(command[0])
    arguments = [os.fsencode(argument) for argument in command]
    environment = encode_environment(inherited_environment())
    run_watched(Command(program, arguments, environment), mask=mask)
