"""Starts a command with tokens in its environment or in a file, without the command-line toolkit."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from tokenward import core_dumps, thin_client
from tokenward.cli.run.environment import (
    base_environment,
    encode_environment,
    environment_files,
    files_notice,
    require_no_nul,
    say_what_it_lacks,
    shared_notice,
    wanted_variables,
)
from tokenward.cli.run.exits import NOT_STARTED, exit_not_found, exit_with
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.cli.support.terminal import note, sentence
from tokenward.custody.bindings.bindings import Bindings
from tokenward.custody.ledger.database import databases_kept_open
from tokenward.errors import NotStarted, TokenwardError
from tokenward.fast_dataclasses import dataclass
from tokenward.masked_start import BROKEN_OFF, NOT_EXECUTABLE
from tokenward.operations.programs import find_program
from tokenward.places import shown

if TYPE_CHECKING:
    from tokenward.findings.known_values.encodings import ValueSpelling
    from tokenward.model import Reference
    from tokenward.operations.context import Context
    from tokenward.operations.environment_files.find_files import EnvironmentFiles
    from tokenward.operations.run.command_file import CommandFile
    from tokenward.operations.run.environment import Environment
    from tokenward.operations.terminal.output_filter import FilterFactory
    from tokenward.places import Places


@dataclass(frozen=True, slots=True)
class RunOptions:
    """The command line of `run`; each option is described where the toolkit reads it."""

    command: list[str]
    env_file: list[Path]
    only: list[str]
    no_env_file: bool = False
    mask: bool | None = None
    file: list[str] = field(default_factory=list)
    reason: str = ""
    home: bool = False


class PreparedCommand(NamedTuple):
    """What a command is started with."""

    program: str
    environment: Environment
    files: list[CommandFile]
    places: Places


def run_command(options: RunOptions) -> int:
    """Run a command; return its exit code unless it replaces this process.

    Raises:
        SystemExit: it cannot be started; the message is printed.
    """
    command, (program, environment, files, places) = options.command, prepare(options)
    try:
        around: AbstractContextManager[None] = nullcontext()
        if files:
            from tokenward.operations.files.writes_under_way import present

            passing = [one.filled(environment.values) for one in files if not one.is_content]
            around = present(places.writes, passing, note)
            _name(files, command, environment)
        is_masked = bool(environment.secrets) and _is_masked(options.mask)
        # On Windows, no process can be replaced.
        if is_masked or files or os.name == "nt":
            return _run_beside(program, command, environment, around, is_masked=is_masked)
        from tokenward.cli.support.start_daemon import start_daemon

        start_daemon()
        variables = encode_environment(environment.variables)
        core_dumps.allow_again()
        thin_client.become(program, command, variables)
    except TokenwardError as error:
        exit_with(NOT_STARTED, sentence(error))
    except OSError as error:
        refuse_to_start(command, error)


def prepare(options: RunOptions) -> PreparedCommand:
    """Find a command's program and its variables; start nothing.

    Raises:
        SystemExit: it cannot be started; the message is printed.
    """
    command = options.command
    program = find_program(command[0])
    if options.no_env_file and (options.env_file or options.only):
        exit_with(NOT_STARTED, "`--no-env-file` excludes `--env-file` and `--only`; omit one.")
    if options.home and options.env_file:
        exit_with(NOT_STARTED, "`--home` reads the environment file of your home folder; omit `--env-file`.")
    try:
        with databases_kept_open():
            invocation = Invocation.here(Path.home() if options.home else Path())
            files: list[CommandFile] = []
            if options.file:
                from tokenward.cli.run.files_read import command_files

                files += command_files(options.file, invocation)
            environment = _environment(invocation, options, program, files)
    except TokenwardError as error:
        exit_with(NOT_STARTED, f"{sentence(error)} {command[0]} was not started.")
    if program is None:
        exit_not_found(command[0])
    return PreparedCommand(program, environment, files, invocation.places)


def refuse_to_start(command: Sequence[str], error: OSError) -> NoReturn:
    """Exit after the system has refused to start a command."""
    why = error.strerror or type(error).__name__
    exit_with(NOT_EXECUTABLE, f"{command[0]} cannot be started ({why}); check its permissions.")


def _environment(
    invocation: Invocation, options: RunOptions, program: str | None, given: list[CommandFile]
) -> Environment:
    """Return the environment of a command, and add the files that it reads to those that were given."""
    from tokenward.operations.environment_files.find_files import may_refer
    from tokenward.operations.run.command_readers import files_read, paths_in

    base, command = base_environment(), options.command
    if options.home and program:
        from tokenward.cli.run.home_tokens import variables_for_home

        base = variables_for_home(program, base, invocation)
    files = _environment_files(invocation, options, base)
    variables = base | paths_in(files.read, options.only, invocation.folder)
    reads = [*files_read(command, variables)] if program else []
    if program and reads:
        from tokenward.cli.run.files_read import filled_files

        given += filled_files(reads, command, program, invocation)
        reads = [one for one in reads if one.is_home and not one.reader.starts_others]
    elsewhere: dict[Path, list[Reference]] = {}
    for one in given:
        elsewhere.setdefault(one.workspace, []).extend(one.references)
    refers = any(map(may_refer, files.read)) or any(elsewhere.values())
    # Starting the keyring's process takes longest, so it begins first, while the rest is loaded.
    with invocation.context(begin=refers or bool(files.below)) as context:
        from tokenward.operations.command_words import plain_words
        from tokenward.operations.run.environment import environment_for
        from tokenward.operations.use import Purpose, Use

        wanted = wanted_variables(files, options.only)
        wanted = replace(wanted, elsewhere=elsewhere, leaves_out=not options.no_env_file)
        use = Use.own(Purpose.RUN, Path(program).absolute() if program else None, tuple(command))
        use = replace(use, fills_files=bool(given), reason=plain_words(options.reason))
        folder = invocation.folder
        if options.no_env_file:
            from tokenward.cli.run.home_tokens import servers_folder

            folder = servers_folder(context, base, program, invocation)
        environment = environment_for(context, folder, wanted, base, use)
        name = Path(program or "").stem
        asks = bool(program) and _register_helper(context, invocation.folder, name, command, environment)
    if from_home := {one.path for one in reads} & {one.template for one in given}:
        from tokenward.cli.run.home_tokens import without_steering

        variables = without_steering(environment, base, from_home, invocation)
        environment = replace(environment, variables=variables)
    say_what_it_lacks(environment)
    if shared := shared_notice(files, has_below=bool(environment.below.values)):
        note(shared)
    require_no_nul(environment.variables)
    if program is not None and not options.no_env_file:
        tokens = environment.secrets or environment.below.withheld
        if files.below and not tokens:
            below = [path for one in files.below for path in one.read]
            files = replace(files, unread=(*files.unread, *below))
        has_tokens = refers or asks or bool(tokens)
        if notice := files_notice(files, invocation.folder, has_tokens=has_tokens):
            note(notice)
    return environment


def _environment_files(invocation: Invocation, options: RunOptions, base: dict[str, str]) -> EnvironmentFiles:
    """Return the files that the options choose; if they choose none, with those of the projects below."""
    env_files = None if options.no_env_file else options.env_file
    start = invocation.folder if options.home else None
    files = environment_files(invocation, env_files, options.command, base, start)
    if options.no_env_file or options.env_file or options.home:
        return files
    from tokenward.operations.environment_files.find_files import may_refer
    from tokenward.operations.environment_files.nested_packages import files_below

    settings, root, here = invocation.settings, invocation.folder, Path(os.path.realpath(absolute(Path())))
    below = files_below(settings, root, here, options.command, base)
    main = None if below else Bindings(invocation.places.custody).main_folder(root, here)
    if main is None or any(may_refer(path) for path in files.read if path not in files.shared):
        return replace(files, below=below)
    below = files_below(settings, main, main / here.relative_to(root), options.command, base)
    return replace(files, below=below, below_main=main)


def _register_helper(
    context: Context, folder: Path, program: str, command: list[str], environment: Environment
) -> bool:
    """Have git, uv or pip ask Tokenward for the passwords of a workspace; return False if it has none."""
    from tokenward.custody.callers.asker import require_own_command
    from tokenward.operations.run.helpers import INDEX_TOOLS, git_options, index_variables

    options = git_options(context, folder) if program == "git" else []
    variables = index_variables(context, folder, environment.variables) if program in INDEX_TOOLS else {}
    if options or variables:
        require_own_command()
    command[1:1] = options
    environment.variables.update(variables)
    return bool(options or variables)


def _is_masked(mask: bool | None) -> bool:
    """Return whether to mask values in the output: as asked, but always for an agent, which reads every terminal."""
    if mask or (mask is None and thin_client.is_output_captured()):
        return True
    from tokenward.cli.support.person import assistant

    return bool(assistant())


def _masking(known: Sequence[ValueSpelling]) -> FilterFactory:
    """Return the filters for a person, or for an agent, to whom nothing may tell what only begins a value."""
    from tokenward.cli.support.person import assistant
    from tokenward.findings.known_values.known_values import KnownValues
    from tokenward.operations.terminal.mask_values import mask_values
    from tokenward.operations.terminal.output_filter import change_text

    return change_text(KnownValues(known).mask, pause=0) if assistant() else mask_values(known)


def _name(files: Sequence[CommandFile], command: list[str], environment: Environment) -> None:
    """Give a command the paths of files, as variables and in place of `{NAME}`."""
    for file in files:
        if file.is_content:
            environment.variables[file.variable] = file.content(environment.values).reveal()
        elif file.variable:
            environment.variables[file.variable] = str(file.folder if file.is_folder else file.path)
            command[:] = [word.replace(f"{{{file.variable}}}", str(file.path)) for word in command]


def _run_beside(
    program: str,
    words: list[str],
    environment: Environment,
    around: AbstractContextManager[None],
    *,
    is_masked: bool,
) -> int:
    """Run a command beside this process; return its exit code, or 128 plus a signal's number.

    Raises:
        NotStarted: the system does not start it.
        TokenwardError: a file that it needs cannot be written.
    """
    from tokenward.operations.terminal.command import Command
    from tokenward.operations.terminal.run_command import run_filtered, run_unfiltered

    variables = encode_environment(environment.variables)
    command = Command(program, [os.fsencode(word) for word in words], variables, around=around)
    if not is_masked:
        return run_unfiltered(command).code
    from tokenward.detection.rules.providers import public_prefixes
    from tokenward.findings.known_values.encodings import spellings

    filters = _masking(spellings(environment.secrets, public_prefixes()))
    try:
        return run_filtered(command, filters).code
    except (NotStarted, TokenwardError):
        raise
    except Exception as error:  # noqa: BLE001 - its text may hold a value
        exit_with(
            BROKEN_OFF,
            f"The output of {shown(words[0])} could not be masked because of an unexpected {type(error).__name__}; "
            "please report this.",
        )
