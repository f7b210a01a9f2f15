"""`tokenward shell`: start the user's shell and scan its output."""

from __future__ import annotations

import contextlib
import os
import sys

import typer

from tokenward.cli.run.environment import encode_environment, inherited_environment
from tokenward.cli.run.exits import NOT_STARTED, exit_with
from tokenward.cli.run.watched_command import run_watched
from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program
from tokenward.operations.terminal.command import Command

_LAST_RESORT = "/bin/sh"


def shell(
    mask: bool = typer.Option(False, "--mask/--no-mask", help="Show only the public prefix of each token."),
    login: bool = typer.Option(False, "--login", "-l", help="Start it as a login shell."),
) -> None:
    """Start your shell and report tokens in its output when it ends.

    Starts the shell in $SHELL, or else your login shell. Its output is passed on unchanged, unless you choose --mask.
    The exit code is the shell's own.
    """
    if sys.platform == "win32":
        exit_with(
            NOT_STARTED,
            "`tokenward shell` needs a terminal of its own, which Python cannot open on Windows; use "
            "`tokenward exec -- COMMAND` for each command.",
        )
    # Windows cannot load it.
    from tokenward.operations.terminal.posix_command import has_terminal

    if not has_terminal():
        raise TokenwardError(
            "`tokenward shell` requires a terminal; without one, use `tokenward exec -- COMMAND`."
        )
    program = _shell()
    name = os.path.basename(program)  # noqa: PTH119 - a path as the user wrote it
    arguments = [os.fsencode(f"-{name}" if login else name)]
    environment = encode_environment(inherited_environment())
    run_watched(Command(program, arguments, environment, is_shell=True), mask=mask)


def _shell() -> str:
    """Return the path of the user's shell, or of /bin/sh if that cannot be started."""
    import pwd

    names = [os.environ.get("SHELL", "")]
    # The user may have no account entry, as in some containers.
    with contextlib.suppress(KeyError):
        names.append(pwd.getpwuid(os.getuid()).pw_shell)
    for name in names:
        program = find_program(name) if name else None
        if program is not None and os.access(program, os.X_OK):
            return program
    return _LAST_RESORT
