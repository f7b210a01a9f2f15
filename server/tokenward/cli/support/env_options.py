"""The options of `run` and `env` that choose variables."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.inherited import inherited_environment
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.vault.unlocking import SECRET_VARIABLES

if TYPE_CHECKING:
    from tokenward.operations.run.environment import EnvironmentRequest

ENV_FILE = typer.Option(
    [], "--env-file", "-f", help="Read this file instead of the workspace's .env (repeatable)."
)
ONLY = typer.Option(
    [], "--only", metavar="NAMES", help="Set only these variables from the files, such as A,B (repeatable)."
)


def env_file_paths(invocation: Invocation, env_files: list[Path]) -> list[Path]:
    """Return the given environment files, or the workspace's own.

    Raises:
        TokenwardError: a given file does not exist.
    """
    for path in env_files:
        if not path.exists():
            raise TokenwardError(f"{shown(path)} does not exist; check the path.")
    return list(map(absolute, env_files)) or [invocation.settings.env_path(invocation.folder)]


def wanted_variables(files: list[Path], only: list[str]) -> EnvironmentRequest:
    """Return the variables that the options choose.

    Raises:
        TokenwardError: --only names nothing.
    """
    from tokenward.operations.run.environment import EnvironmentRequest

    names = frozenset(name.strip() for part in only for name in part.split(",") if name.strip())
    if only and not names:
        raise TokenwardError("--only names no variable; write `--only A,B`, or omit it.")
    return EnvironmentRequest(files, names if only else None)


def base_environment() -> dict[str, str]:
    """Return the environment of this process without Tokenward's own secrets."""
    return {name: value for name, value in inherited_environment().items() if name not in SECRET_VARIABLES}


def require_no_nul(variables: dict[str, str]) -> None:
    """Refuse values that no environment can hold.

    Raises:
        TokenwardError: a value contains a NUL.
    """
    for name, value in variables.items():
        if "\0" in value:
            raise TokenwardError(
                f"The value of {shown(name)} contains a NUL, which the environment does not allow."
            )
