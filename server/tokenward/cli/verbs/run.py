"""`tokenward run`: start a command with the workspace's tokens in its environment."""

from __future__ import annotations

import os
from pathlib import Path

import typer

from tokenward.cli.run.environment import encode_environment, inherited_environment
from tokenward.cli.run.exits import exit_not_found
from tokenward.cli.run.run import RunOptions, run_command
from tokenward.cli.support.options import ENV_FILE, ONLY, REASON
from tokenward.operations.programs import find_program
from tokenward.operations.terminal.command import Command


def run(
    command: list[str] = typer.Argument(..., metavar="COMMAND", help="The command and its arguments."),
    env_file: list[Path] = ENV_FILE,
    only: list[str] = ONLY,
    no_env_file: bool = typer.Option(
        False,
        "--no-env-file",
        help="Read no environment file; only resolve the references that are exported.",
    ),
    mask: bool | None = typer.Option(
        None,
        "--mask/--no-mask",
        help="Mask the values in the command's output; the default unless a terminal shows it to a person.",
        show_default=False,
    ),
    *,
    file: list[str] = typer.Option(
        [],
        "--file",
        metavar="TEMPLATE=PLACE",
        help="Fill the references in a file, and keep the copy at this place while the command runs; "
        "TEMPLATE={NAME} keeps it in a private folder, and gives the command its path as {NAME} (repeatable).",
    ),
    home: bool = typer.Option(
        False, "--home", help="Give the command the tokens of your home folder, and none of the current one."
    ),
    reason: str = REASON,
) -> None:
    """Run a command with tokens in its environment or in a file.

    The command gets the variables from the project's environment files, with references replaced by their values. It
    keeps the terminal, gets all signals, and sets the exit code. If a reference cannot be resolved, the command is not
    started and the exit code is 125. It is 126 if the command cannot be started, and 127 if it is not found.
    """
    options = RunOptions(command, env_file, only, no_env_file, mask, file, reason, home)
    raise typer.Exit(run_command(options))


def execute(
    command: list[str] = typer.Argument(..., metavar="COMMAND", help="The command and its arguments."),
    mask: bool = typer.Option(False, "--mask/--no-mask", help="Show only the public prefix of each token."),
) -> None:
    """Run a command and report tokens in its output.

    The output is passed on unchanged, unless you choose --mask. The command keeps the terminal, gets all signals, and
    sets the exit code, which is 128 plus the signal's number if a signal ended it. The exit code is 125 if Tokenward
    fails before the command starts, 126 if the command cannot be started, and 127 if it is not found.
    """
    from tokenward.cli.run.watched_command import run_watched

    program = find_program(command[0])
    if program is None:
        exit_not_found(command[0])
    arguments = [os.fsencode(argument) for argument in command]
    environment = encode_environment(inherited_environment())
    run_watched(Command(program, arguments, environment), mask=mask)
