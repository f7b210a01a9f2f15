"""The variables that `run` and `env` choose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tokenward.cli.support.inherited import inherited_environment
from tokenward.cli.support.invocation import Invocation, absolute
from tokenward.errors import TokenwardError
from tokenward.places import shown
from tokenward.vault.unlocking import SECRET_VARIABLES

if TYPE_CHECKING:
    from tokenward.operations.environment_files.find_files import EnvironmentFiles
    from tokenward.operations.run.environment import EnvironmentRequest


def environment_files(
    invocation: Invocation, env_files: list[Path] | None, command: list[str], environment: dict[str, str]
) -> EnvironmentFiles:
    """Return the given environment files, or those of the framework in use that are nearest to the current folder.

    None excludes all of them.

    Raises:
        TokenwardError: a given file does not exist.
    """
    from tokenward.operations.environment_files.find_files import EnvironmentFiles, find_files
    from tokenward.operations.environment_files.frameworks import PLAIN

    if env_files is None:
        return EnvironmentFiles((), (), (), (), invocation.folder, PLAIN, "")
    for path in env_files:
        if not path.exists():
            raise TokenwardError(f"{shown(path)} does not exist; check the path.")
    if not env_files:
        return find_files(invocation.settings, invocation.folder, absolute(Path()), command, environment)
    given = tuple(map(absolute, env_files))
    return EnvironmentFiles(given, (), given, (), given[0].parent, PLAIN, "")


def wanted_variables(files: EnvironmentFiles, only: list[str]) -> EnvironmentRequest:
    """Return the variables that the options choose.

    Raises:
        TokenwardError: --only names nothing.
    """
    from tokenward.operations.run.environment import EnvironmentRequest

    names = frozenset(name.strip() for part in only for name in part.split(",") if name.strip())
    if only and not names:
        raise TokenwardError("--only names no variable; write `--only A,B`, or omit it.")
    program_reads = files.framework.reads_files
    return EnvironmentRequest(files.read, names if only else None, program_reads, files.overriding)


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
