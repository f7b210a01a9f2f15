"""`tokenward run`: start a command with the workspace's tokens in its environment."""

from __future__ import annotations

import errno
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import typer

from tokenward.cli.support.env_options import (
    ENV_FILE,
    ONLY,
    base_environment,
    environment_files,
    require_no_nul,
    wanted_variables,
)
from tokenward.cli.support.exits import BROKEN_OFF, NOT_EXECUTABLE, NOT_STARTED, exit_not_found, exit_with
from tokenward.cli.support.files_notice import files_notice
from tokenward.cli.support.inherited import encode_environment
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.terminal import say, sentence
from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program, windows_start
from tokenward.places import shown
from tokenward.sources.walk import core_dumps

if TYPE_CHECKING:
    from tokenward.model import Reference
    from tokenward.operations.run.command_file import CommandFile
    from tokenward.operations.run.environment import Environment


def register(app: typer.Typer) -> None:
    """Register the verb `run`."""
    # Everything after the command's name belongs to it, options too.
    app.command(context_settings={"allow_interspersed_args": False})(run)


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
    fifo: bool = typer.Option(False, "--fifo", help="With `--file`: a FIFO, which can be read once."),
) -> None:
    """Run a command with tokens in its environment or in a file.

    The command gets the variables from the project's environment files, with references replaced by their values. It
    keeps the terminal, gets all signals, and sets the exit code. If a reference cannot be resolved, the command is not
    started and the exit code is 125. It is 126 if the command cannot be started, and 127 if it is not found.
    """
    program = find_program(command[0])
    _require_possible(mask=bool(mask), fifo=fifo)
    if no_env_file and (env_file or only):
        exit_with(NOT_STARTED, "`--no-env-file` excludes `--env-file` and `--only`; omit one.")
    try:
        invocation = Invocation.here()
        files = _command_files(file, invocation)
        wanted_files = None if no_env_file else env_file
        environment = _environment(invocation, wanted_files, only, program, command, given=files)
    except TokenwardError as error:
        exit_with(NOT_STARTED, f"{sentence(error)} {command[0]} was not started.")
    if program is None:
        exit_not_found(command[0])
    around: AbstractContextManager[None] = nullcontext()
    try:
        if files:
            from tokenward.operations.files.writes_under_way import present

            passing = [one.filled(environment.values, is_pipe=fifo) for one in files]
            around = present(invocation.places.writes, passing, _warn)
            _name(files, command, environment.variables)
        if environment.secrets and _is_masked(mask):
            raise typer.Exit(_run_masked(program, command, environment, around))
        if files:
            raise typer.Exit(_run_unmasked(program, command, environment, around))
        _replace_process(program, command, environment.variables)
    except TokenwardError as error:
        exit_with(NOT_STARTED, sentence(error))
    except OSError as error:
        why = error.strerror or type(error).__name__
        exit_with(NOT_EXECUTABLE, f"{command[0]} cannot be started ({why}); check its permissions.")


def _require_possible(*, mask: bool, fifo: bool) -> None:
    if mask and os.name == "nt":
        exit_with(NOT_STARTED, "`--mask` does not work on Windows yet; omit it.")
    if fifo and not hasattr(os, "mkfifo"):
        exit_with(NOT_STARTED, "This system has no FIFO; omit `--fifo`.")


def _command_files(texts: list[str], invocation: Invocation) -> list[CommandFile]:
    if not texts:
        return []
    from tokenward.cli.support.file_option import command_files

    return [*command_files(texts, invocation)]


def _environment(
    invocation: Invocation,
    env_files: list[Path] | None,
    only: list[str],
    program: str | None,
    command: list[str],
    *,
    given: Sequence[CommandFile],
) -> Environment:
    from tokenward.operations.environment_files.find_files import may_refer

    base = base_environment()
    files = environment_files(invocation, env_files, command, base)
    elsewhere: dict[Path, list[Reference]] = {}
    for one in given:
        elsewhere.setdefault(one.workspace, []).extend(one.references)
    refers = any(map(may_refer, files.read)) or any(elsewhere.values())
    # Starting the keyring's process takes longest, so it begins first, while the rest is loaded.
    with invocation.context(begin=refers) as context:
        from tokenward.operations.run.environment import environment_for
        from tokenward.operations.use import Purpose, Use

        wanted = replace(wanted_variables(files, only), elsewhere=elsewhere)
        use = Use.own(Purpose.RUN, Path(program).absolute() if program else None, tuple(command))
        use = replace(use, fills_files=bool(given))
        environment = environment_for(context, invocation.folder, wanted, base, use)
    require_no_nul(environment.variables)
    has_tokens = refers or bool(environment.secrets)
    notice = files_notice(files, invocation.folder, has_tokens=has_tokens)
    if notice and program is not None and env_files is not None:
        say(f"tokenward: {notice}")
    return environment


def _is_masked(mask: bool | None) -> bool:
    """Return whether to mask values in the output: as asked, but always for an agent, which reads every terminal."""
    if mask or (mask is None and _is_output_captured()):
        return True
    from tokenward.cli.support.person import assistant

    return os.name != "nt" and bool(assistant())


def _warn(text: str) -> None:
    say(f"tokenward: {text}")


def _name(files: Sequence[CommandFile], command: list[str], variables: dict[str, str]) -> None:
    """Give a command the paths of files, as variables and in place of `{NAME}`."""
    for file in files:
        if file.variable:
            variables[file.variable] = str(file.path)
            command[:] = [word.replace(f"{{{file.variable}}}", str(file.path)) for word in command]


def _is_output_captured() -> bool:
    """Return whether the command's output goes anywhere but to a terminal or the null device."""
    if os.name == "nt":
        return False
    for descriptor in (1, 2):
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        is_null = stat.S_ISCHR(status.st_mode) and status.st_rdev == Path(os.devnull).stat().st_rdev
        if not is_null and not os.isatty(descriptor):
            return True
    return False


def _run_masked(
    program: str, command: list[str], environment: Environment, around: AbstractContextManager[None]
) -> int:
    """Run a command with the values masked in its output; return its exit code, or 128 plus a signal's number.

    Raises:
        NotStarted: the system does not start it.
        TokenwardError: a file that it needs cannot be written.
    """
    from tokenward.detection.rules.providers import public_prefixes
    from tokenward.findings.known_values.encodings import spellings
    from tokenward.operations.terminal.mask_values import mask_values
    from tokenward.operations.terminal.run_command import (
        Command,
        has_terminal,
        run_at_terminal,
        run_through_pipes,
    )
    from tokenward.sources.stream.child_process import NotStarted

    filters = mask_values(spellings(environment.secrets, public_prefixes()))
    arguments = [os.fsencode(word) for word in command]
    start = Command(program, arguments, encode_environment(environment.variables), around=around)
    run = run_at_terminal if has_terminal() else run_through_pipes
    try:
        return run(start, filters).code
    except (NotStarted, TokenwardError):
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        exit_with(
            BROKEN_OFF,
            f"The output of {shown(command[0])} could not be masked because of an unexpected {type(error).__name__}; "
            "please report this.",
        )


def _run_unmasked(
    program: str, command: list[str], environment: Environment, around: AbstractContextManager[None]
) -> int:
    """Run a command beside this process; return its exit code, or 128 plus a signal's number.

    Raises:
        NotStarted: the system does not start it.
        TokenwardError: a file that it needs cannot be written.
    """
    if os.name == "nt":  # pragma: no cover - Windows alone
        with around:
            return _run_on_windows(program, command, environment.variables)
    from tokenward.operations.terminal.run_command import Command, run_unfiltered

    arguments = [os.fsencode(word) for word in command]
    return run_unfiltered(
        Command(program, arguments, encode_environment(environment.variables), around=around)
    ).code


def _run_on_windows(
    program: str, command: list[str], environment: Mapping[str, str]
) -> int:  # pragma: no cover - Windows alone
    # Ctrl-C reaches the whole console group; the command decides how to react.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    executable, started = windows_start(program, command[1:])
    return subprocess.run(started, executable=executable, env=environment, check=False).returncode


def _replace_process(program: str, command: list[str], environment: Mapping[str, str]) -> NoReturn:
    """Replace this process with the command; on Windows, run it and exit with its exit code."""
    if os.name == "nt":  # pragma: no cover - Windows alone
        sys.exit(_run_on_windows(program, command, environment))
    # Python ignores these, and an ignored signal stays ignored across exec.
    for name in ("SIGPIPE", "SIGXFSZ"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_DFL)
    variables = encode_environment(environment)
    core_dumps.allow_again()
    try:
        os.execve(program, command, variables)  # noqa: S606
    except OSError as error:
        if error.errno != errno.ENOEXEC:
            raise
    # A script without an interpreter line, which execvp and every shell run like this.
    os.execve("/bin/sh", ["sh", program, *command[1:]], variables)  # noqa: S606
