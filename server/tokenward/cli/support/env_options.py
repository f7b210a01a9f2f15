"""What `run` and `env` have in common: which variables are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from tokenward.cli.support.inherited import inherited
from tokenward.cli.support.invocation import Setting, absolute
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.vault.unlocking import SECRET_VARIABLES

if TYPE_CHECKING:
    from tokenward.operations.run.environment import EnvironmentRequest

ENV_FILE = typer.Option(
    [], "--env-file", "-f", help="Read this file instead of the workspace's .env; may be given again."
)
ONLY = typer.Option(
    [], "--only", metavar="NAMES", help="Give only these variables of the files: A,B; may be given again."
)


def env_file_paths(setting: Setting, env_files: list[Path]) -> list[Path]:
    """The environment files that were named, else the workspace's own.

    Raises:
        TokenwardError: one that was named is not there.
    """
    return [_existing(path) for path in env_files] or [setting.settings.env_path(setting.folder)]


def wanted_variables(files: list[Path], only: list[str]) -> EnvironmentRequest:
    """What the options ask for.

    Raises:
        TokenwardError: --only names nothing.
    """
    from tokenward.operations.run.environment import EnvironmentRequest

    names = frozenset(name.strip() for part in only for name in part.split(",") if name.strip())
    if only and not names:
        raise TokenwardError("--only names no variable; write it as `--only A,B`, or leave it out.")
    return EnvironmentRequest(files, names if only else None)


def base_environment() -> dict[str, str]:
    """What this process was given, but for our own secrets."""
    return {name: value for name, value in inherited().items() if name not in SECRET_VARIABLES}


def require_no_nul(variables: dict[str, str]) -> None:
    """Return only if the system can hold the values.

    Raises:
        TokenwardError: it cannot.
    """
    for name, value in variables.items():
        if "\0" in value:
            raise TokenwardError(f"The value of {shown(name)} holds a NUL, which no environment can.")


def _existing(path: Path) -> Path:
    if not path.exists():
        raise TokenwardError(f"{shown(path)} is not there; name an env file that is.")
    return absolute(path)
