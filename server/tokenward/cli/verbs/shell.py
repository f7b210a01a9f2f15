"""`tokenward shell`: the user's shell, while what it shows is scanned."""

from __future__ import annotations

import os

import typer

from tokenward.cli.support.inherited import encoded, inherited
from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program

_LAST_RESORT = "/bin/sh"


def register(app: typer.Typer) -> None:
    app.command()(shell)


def shell(
    mask: bool = typer.Option(False, "--mask/--no-mask", help="Show no token but its public beginning."),
    login: bool = typer.Option(False, "--login", "-l", help="Start it as a login shell."),
) -> None:
    """Start your shell and say at its end which tokens were shown.

    It is the one that $SHELL names, else that of your account. What it and its programs show passes unchanged, unless
    tokens are to be masked. Ends with the shell's exit code.
    """
    from tokenward.cli.support.watched_command import require_posix, watched

    require_posix("shell")
    from tokenward.operations.terminal.run_command import Command, has_terminal

    if not has_terminal():
        raise TokenwardError(
            "`tokenward shell` needs a terminal; without one use `tokenward exec -- COMMAND`."
        )
    program = _shell()
    name = os.path.basename(program)  # noqa: PTH119 - a path as the user wrote it
    arguments = [os.fsencode(f"-{name}" if login else name)]
    watched(Command(program, arguments, encoded(inherited()), is_shell=True), mask=mask, at_terminal=True)


def _shell() -> str:
    """The path of the user's shell: the first that can be started."""
    for name in (os.environ.get("SHELL", ""), _of_account()):
        program = find_program(name) if name else None
        if program is not None and os.access(program, os.X_OK):
            return program
    return _LAST_RESORT


def _of_account() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_shell
    except KeyError:
        return ""
