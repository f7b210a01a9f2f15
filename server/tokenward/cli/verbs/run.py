"""`tokenward run`: start a command with the workspace's tokens in its environment."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from tokenward.cli.support.env_options import (
    ENV_FILE,
    ONLY,
    base_environment,
    env_file_paths,
    require_no_nul,
    wanted_variables,
)
from tokenward.cli.support.exits import NOT_EXECUTABLE, NOT_STARTED, give_up, give_up_unfound
from tokenward.cli.support.inherited import encoded
from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.terminal import sentence
from tokenward.errors import TokenwardError
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.programs import find_program, windows_start
from tokenward.sources.walk import core_dumps

if TYPE_CHECKING:
    from tokenward.operations.run.environment import Environment

_LARGEST_GLANCE = 1_000_000
"""Bytes of an environment file that is read for a hint alone."""


def register(app: typer.Typer) -> None:
    # What follows the command's name is the command's own, options too.
    app.command(context_settings={"allow_interspersed_args": False})(run)


def run(
    command: list[str] = typer.Argument(..., metavar="COMMAND", help="The command and its arguments."),
    env_file: list[Path] = ENV_FILE,
    only: list[str] = ONLY,
    mask: bool | None = typer.Option(
        None,
        "--mask/--no-mask",
        help="Mask the values in what the command prints; by default unless a terminal shows it.",
        show_default=False,
    ),
) -> None:
    """Start a command with its tokens in the environment.

    It gets the variables of .env, references replaced by their values. Signals, the terminal and the exit code are
    the command's own. When a reference cannot be resolved the command is not started, and the exit code is 125; it
    is 126 or 127 when the command cannot be started or found.
    """
    program = find_program(command[0])
    if mask and os.name == "nt":
        give_up(NOT_STARTED, "`--mask` is not there on Windows yet; leave it out.")
    try:
        environment = _environment(env_file, only, program, command)
    except TokenwardError as error:
        give_up(NOT_STARTED, f"{sentence(error)} {command[0]} was not started.")
    if program is None:
        give_up_unfound(command[0])
    is_masked = _goes_to_others() if mask is None else mask
    try:
        if is_masked and environment.secrets:
            from tokenward.cli.support.masked_command import run_masked

            raise typer.Exit(run_masked(program, command, environment))
        _become(program, command, environment.variables)
    except TokenwardError as error:
        give_up(NOT_STARTED, sentence(error))
    except OSError as error:
        why = error.strerror or type(error).__name__
        give_up(NOT_EXECUTABLE, f"{command[0]} cannot be started ({why}); see to that.")


def _environment(
    env_files: list[Path], only: list[str], program: str | None, command: list[str]
) -> Environment:
    setting = Setting.here()
    files = env_file_paths(setting, env_files)
    # What takes longest begins first: the start of the keyring's process, beside which the rest is loaded.
    with setting.context(begin=any(map(_may_refer, files))) as context:
        from tokenward.operations.run.environment import environment_for
        from tokenward.operations.use import Purpose, Use

        wanted = wanted_variables(files, only)
        use = Use.own(Purpose.RUN, Path(program).absolute() if program else None, tuple(command))
        environment = environment_for(context, setting.folder, wanted, base_environment(), use)
    require_no_nul(environment.variables)
    return environment


def _may_refer(file: Path) -> bool:
    """Whether a file has what looks like a reference; one that cannot be read has none, and is named later."""
    try:
        is_small = file.is_file() and file.stat().st_size < _LARGEST_GLANCE
        return is_small and f"{REFERENCE_SCHEME}://".encode() in file.read_bytes()
    except OSError:
        return False


def _goes_to_others() -> bool:
    """Whether what the command prints goes anywhere but to a terminal or into nothing."""
    return os.name != "nt" and any(map(_is_kept, (1, 2)))


def _is_kept(descriptor: int) -> bool:
    try:
        status = os.fstat(descriptor)
    except OSError:
        return False
    is_nothing = stat.S_ISCHR(status.st_mode) and status.st_rdev == Path(os.devnull).stat().st_rdev
    return not is_nothing and not os.isatty(descriptor)


def _become(program: str, command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process by the command, or on Windows run it and end with its exit code."""
    if os.name == "nt":  # pragma: no cover - Windows alone
        # Ctrl-C goes to the whole console group; the command decides what it means.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        executable, started = windows_start(program, command[1:])
        sys.exit(subprocess.run(started, executable=executable, env=environment, check=False).returncode)
    # Python ignores these, and an ignored signal stays ignored across exec.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    variables = encoded(environment)
    core_dumps.allow_again()
    try:
        os.execve(program, command, variables)  # noqa: S606
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script without a first line that names its interpreter: as execvp and every shell have it.
    os.execve("/bin/sh", ["sh", program, *command[1:]], variables)  # noqa: S606
