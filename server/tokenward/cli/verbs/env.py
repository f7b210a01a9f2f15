"""`tokenward env`: the workspace's variables with their values, for what reads no environment of a command."""

from __future__ import annotations

import sys
from pathlib import Path

import typer

from tokenward.cli.support.env_options import (
    ENV_FILE,
    ONLY,
    base_environment,
    env_file_paths,
    require_no_nul,
    wanted_variables,
)
from tokenward.cli.support.invocation import Setting
from tokenward.cli.support.person import require_yes
from tokenward.cli.support.terminal import print_text, say
from tokenward.presentation.assignments import Format, assignments

_SHELLS = (Format.SHELL, Format.FISH, Format.POWERSHELL)


def register(app: typer.Typer) -> None:
    app.command()(env)


def env(
    env_file: list[Path] = ENV_FILE,
    only: list[str] = ONLY,
    form: Format = typer.Option(Format.SHELL, "--format", help="Who reads it."),
    yes: bool = typer.Option(False, "--yes", "-y", help="Print to a terminal without asking."),
) -> None:
    """Print the variables of .env with their values, for a shell.

    For `eval "$(tokenward env)"`, direnv and the like. `tokenward run` gives them to one command alone, which is
    safer. Asks before printing when stdout is a terminal.
    """
    from tokenward.operations.run.environment import assignments_for
    from tokenward.operations.use import Purpose, Use

    _require_consent(is_given=yes)
    setting = Setting.here()
    wanted = wanted_variables(env_file_paths(setting, env_file), only)
    with setting.context() as context:
        found = assignments_for(context, setting.folder, wanted, base_environment(), Use.own(Purpose.ENV))
    require_no_nul(found.variables)
    print_text(assignments(found.variables, form))
    if found.secrets:
        say(f"tokenward: {_warning(len(found.secrets), form)}")


def _warning(count: int, form: Format) -> str:
    tokens = "1 token" if count == 1 else f"{count} tokens"
    if form in _SHELLS:
        return (
            f"This gives {tokens} to every program and agent that the shell starts from now on; `tokenward run -- "
            "COMMAND` gives them to one."
        )
    return f"This printed {tokens} in plain text; keep it out of files that stay."


def _require_consent(*, is_given: bool) -> None:
    if sys.stdout is None or not sys.stdout.isatty():
        return
    otherwise = "A terminal would show the values and nobody can be asked; say so by `--yes`."
    require_yes("Show the values on this screen?", otherwise=otherwise, given=is_given)
