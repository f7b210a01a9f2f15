"""`tokenward env`: the workspace's variables with their values, for shells and tools such as direnv."""

from __future__ import annotations

from pathlib import Path

import typer

from tokenward.cli.run.environment import (
    base_environment,
    environment_files,
    require_no_nul,
    shared_notice,
    wanted_variables,
)
from tokenward.cli.support.invocation import Invocation
from tokenward.cli.support.options import ENV_FILE, ONLY
from tokenward.cli.support.person import require_yes_to_show
from tokenward.cli.support.terminal import note, print_text
from tokenward.language import counted
from tokenward.operations.run.environment import assignments_for
from tokenward.operations.use import Purpose, Use
from tokenward.presentation.assignments import AssignmentFormat, assignments

_SHELLS = (AssignmentFormat.SHELL, AssignmentFormat.FISH, AssignmentFormat.POWERSHELL)


def env(
    env_file: list[Path] = ENV_FILE,
    only: list[str] = ONLY,
    form: AssignmentFormat = typer.Option(AssignmentFormat.SHELL, "--format", help="The output format."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Print to a terminal without asking."),
) -> None:
    """Print the variables from .env with their values, for a shell.

    Use it with `eval "$(tokenward env)"`, direnv and similar tools. `tokenward run` is safer, because it passes the
    values to one command only. Asks before printing to a terminal.
    """
    otherwise = "A terminal would show the values and nobody can be asked; pass `--yes` to print them."
    require_yes_to_show("Show the values on this screen?", otherwise=otherwise, given=yes)
    invocation = Invocation.here()
    base = base_environment()
    files = environment_files(invocation, env_file, [], base)
    wanted = wanted_variables(files, only)
    with invocation.context() as context:
        found = assignments_for(context, invocation.folder, wanted, base, Use.own(Purpose.ENV))
    require_no_nul(found.variables)
    if shared := shared_notice(files):
        note(shared)
    print_text(assignments(found.variables, form))
    if found.secrets:
        tokens = counted(len(found.secrets), "token")
        note(
            f"Every program and agent that this shell starts from now on gets {tokens}; `tokenward run -- "
            "COMMAND` limits that to one command."
            if form in _SHELLS
            else f"Printed {tokens} in plain text; do not leave the output in a file."
        )
