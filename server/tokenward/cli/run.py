"""`tokenward run`: start a command with the workspace's tokens in its environment."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NoReturn

import typer

from tokenward.cli.programs import find_program
from tokenward.cli.setting import Setting, absolute
from tokenward.cli.terminal import say, sentence
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.vault.unlocking import SECRET_VARIABLES

# As `env`, `nohup` and `docker run` have them.
NOT_STARTED = 125
NOT_EXECUTABLE = 126
NOT_FOUND = 127


def register(app: typer.Typer) -> None:
    # What follows the command's name is the command's own, options too.
    app.command(context_settings={"allow_interspersed_args": False})(run)


def run(
    command: list[str] = typer.Argument(..., metavar="COMMAND", help="The command and its arguments."),
    env_file: list[Path] = typer.Option(
        [], "--env-file", "-f", help="Read this file instead of the workspace's .env; may be given again."
    ),
) -> None:
    """Start a command with its tokens in the environment.

    It gets the variables of .env, references replaced by their values. Signals, the terminal and the exit code are
    the command's own. When a reference cannot be resolved the command is not started, and the exit code is 125; it
    is 126 or 127 when the command cannot be started or found.
    """
    program = find_program(command[0])
    try:
        environment = _environment(env_file, program, command)
    except TokenwardError as error:
        _give_up(NOT_STARTED, f"{sentence(error)} {command[0]} was not started.")
    if program is None:
        _give_up(NOT_FOUND, f"{command[0]} is no command on PATH; check its name.")
    try:
        _become(program, command, environment)
    except OSError as error:
        why = error.strerror or type(error).__name__
        _give_up(NOT_EXECUTABLE, f"{command[0]} cannot be started ({why}); see to that.")


def _give_up(code: int, text: str) -> NoReturn:
    say(f"tokenward: {text}")
    raise typer.Exit(code)


def _environment(env_files: list[Path], program: str | None, command: list[str]) -> dict[str, str]:
    from tokenward.operations.environment import environment_for
    from tokenward.operations.use import Purpose, Use

    setting = Setting.here()
    files = [_existing(path) for path in env_files] or [setting.settings.env_path(setting.folder)]
    with setting.context() as context:
        use = Use.own(Purpose.RUN, Path(program).absolute() if program else None, tuple(command))
        environment = environment_for(context, setting.folder, files, _inherited(), use)
    for name, value in environment.items():
        if "\0" in value:
            raise TokenwardError(f"The value of {shown(name)} holds a NUL, which no environment can.")
    return environment


def _existing(path: Path) -> Path:
    if not path.exists():
        raise TokenwardError(f"{shown(path)} is not there; name an env file that is.")
    return absolute(path)


def _inherited() -> dict[str, str]:
    """This process's environment as it was given, but for our own secrets; bytes that are no UTF-8 are kept."""
    own = {*SECRET_VARIABLES, *_set_by_python()}
    return {name: value for name, value in _given() if name not in own}


def _given() -> Iterable[tuple[str, str]]:
    if os.name == "nt":
        return os.environ.items()
    return ((_text(name), _text(value)) for name, value in os.environb.items())


def _set_by_python() -> set[str]:
    """In the C locale Python sets LC_CTYPE for its children (PEP 538); where that can be told, it is undone."""
    try:
        given = Path("/proc/self/environ").read_bytes()
    except OSError:
        return set()
    return set() if b"\0LC_CTYPE=" in b"\0" + given else {"LC_CTYPE"}


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
    encoded = {_bytes(name): _bytes(value) for name, value in environment.items()}
    try:
        os.execve(program, command, encoded)  # noqa: S606
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script without a first line that names its interpreter: as execvp and every shell have it.
    os.execve("/bin/sh", ["sh", program, *command[1:]], encoded)  # noqa: S606


def _text(content: bytes) -> str:
    return content.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
