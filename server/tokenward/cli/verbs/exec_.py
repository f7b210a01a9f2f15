"""`tokenward exec`: run a command while what it shows is scanned."""

from __future__ import annotations

import os

import typer

from tokenward.cli.support.exits import give_up_unfound
from tokenward.cli.support.inherited import encoded, inherited
from tokenward.operations.programs import find_program


def register(app: typer.Typer) -> None:
    # What follows the command's name is the command's own, options too.
    app.command("exec", context_settings={"allow_interspersed_args": False})(execute)


def execute(
    command: list[str] = typer.Argument(..., metavar="COMMAND", help="The command and its arguments."),
    mask: bool = typer.Option(False, "--mask/--no-mask", help="Show no token but its public beginning."),
) -> None:
    """Run a command and say which tokens its output shows.

    The output passes unchanged, unless tokens are to be masked. Signals, the terminal and the exit code are the
    command's own; it is 128 and the signal's number when a signal ended it. It is 125 when the command was not
    started, and 126 or 127 when it cannot be started or found.
    """
    from tokenward.cli.support.watched_command import require_posix, watched

    require_posix("exec")
    from tokenward.operations.terminal.run_command import Command, has_terminal

    program = find_program(command[0])
    if program is None:
        give_up_unfound(command[0])
    arguments = [os.fsencode(argument) for argument in command]
    watched(Command(program, arguments, encoded(inherited())), mask=mask, at_terminal=has_terminal())
