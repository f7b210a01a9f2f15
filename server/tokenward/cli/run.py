"""`tokenward run`: start a command with the workspace's tokens in its environment."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import typer

from tokenward.cli.setting import Setting
from tokenward.errors import TokenwardError
from tokenward.vault.unlocking import SECRET_VARIABLES

FAILED = 125
"""Exit code when the command was not started, as `env` and `docker run` have it."""
NOT_FOUND = 127


def register(app: typer.Typer) -> None:
    app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})(run)


def run(
    command: list[str] = typer.Argument(..., metavar="COMMAND...", help="The command and its arguments."),
    env_file: list[Path] = typer.Option(
        [], "--env-file", help="Read this file instead of the workspace's .env; may be given again."
    ),
) -> None:
    """Start COMMAND with the variables of `.env`, their references resolved.

    Signals, the terminal and the exit code are the command's own. An unresolvable reference fails before the
    command starts, with exit code 125.
    """
    try:
        environment = _environment(env_file)
    except TokenwardError as error:
        typer.echo(f"tokenward: {error} {command[0]} was not started.", err=True)
        raise typer.Exit(FAILED) from None
    program = shutil.which(command[0])
    if program is None:
        typer.echo(f"tokenward: {command[0]} is no command on PATH; check its name.", err=True)
        raise typer.Exit(NOT_FOUND)
    _become(program, command, environment)


def _environment(env_files: list[Path]) -> dict[str, str]:
    from tokenward.operations.resolve import environment_for

    setting = Setting.here()
    files = [_existing(path) for path in env_files] or [setting.settings.env_path(setting.folder)]
    base = {key: value for key, value in os.environ.items() if key not in SECRET_VARIABLES}
    with setting.context() as context:
        return environment_for(context, setting.folder, files, base)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise TokenwardError(f"{path} is not there; name an env file that is.")
    return path


def _become(program: str, command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by the command, or on Windows run it and end with its exit code."""
    if os.name == "nt":  # pragma: no cover - Windows alone
        # Ctrl-C goes to the whole console group; the command decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        sys.exit(subprocess.run([program, *command[1:]], env=environment, check=False).returncode)
    # Python ignores these, and an ignored signal stays ignored across exec.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execve(program, command, environment)  # noqa: S606
    except OSError as error:
        typer.echo(f"tokenward: {command[0]} cannot be started ({error.strerror}).", err=True)
        sys.exit(126)
