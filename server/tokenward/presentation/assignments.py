"""Assignments of variables in the syntax of a shell, a file or a program."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from tokenward.errors import SettingsError
from tokenward.places import shown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_LINE = 65_000
"""The longest line, in bytes, that Docker reads."""
_POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")
"""Characters that PowerShell treats as a single quote."""


class AssignmentFormat(StrEnum):
    """A syntax for assignments."""

    SHELL = "shell"
    FISH = "fish"
    POWERSHELL = "powershell"
    DOTENV = "dotenv"
    JSON = "json"
    DOCKER = "docker"


def assignments(variables: Mapping[str, str], form: AssignmentFormat) -> str:
    """Return text that assigns variables; nothing in a name or value is read as syntax.

    Raises:
        SettingsError: a name or value cannot be written in this format; the message names the variable.
    """
    if form is AssignmentFormat.JSON:
        return json.dumps(variables, indent=2)
    for name in variables:
        if not _NAME.fullmatch(name):
            raise SettingsError(
                f"{shown(name)} is not a valid variable name in a shell; rename it, or use `--format json`."
            )
    return "\n".join(_LINES[form](name, value) for name, value in variables.items())


def _in_shell(name: str, value: str) -> str:
    quoted = value.replace("'", "'\\''")
    return f"export {name}='{quoted}'"


def _in_fish(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{quoted}'"


def _in_powershell(name: str, value: str) -> str:
    """Return one line, because `Invoke-Expression` gets one at a time."""
    quoted = _POWERSHELL_QUOTES.sub(lambda found: found[0] * 2, value)
    for character in "\r\n":
        quoted = quoted.replace(character, f"'+[char]{ord(character)}+'")
    return f"$env:{name} = '{quoted}'"


def _in_dotenv(name: str, value: str) -> str:
    """Return a line for python-dotenv, which expands `${…}` in every value."""
    if "${" in value:
        raise SettingsError(
            f"The value of {name} contains `${{`, which a dotenv file would expand; use `--format json`."
        )
    if "\r" in value:
        raise SettingsError(
            f"The value of {name} contains a carriage return, which a dotenv file would lose; use `--format json`."
        )
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{quoted}'"


def _in_docker(name: str, value: str) -> str:
    """Return a line for `docker run --env-file`, which has no quotes."""
    encoded = f"{name}={value}".encode("utf-8", "surrogateescape")
    if "\n" in value or "\r" in value:
        raise SettingsError(
            f"The value of {name} has several lines, which Docker's --env-file does not support; use "
            f"`tokenward run -- docker run -e {name} …`."
        )
    if len(encoded) > _LONGEST_LINE or encoded.decode("utf-8", "replace") != f"{name}={value}":
        raise SettingsError(
            f"The value of {name} is too long or not UTF-8, which Docker's --env-file does not support; use "
            f"`tokenward run -- docker run -e {name} …`."
        )
    return f"{name}={value}"


_LINES: dict[AssignmentFormat, Callable[[str, str], str]] = {
    AssignmentFormat.SHELL: _in_shell,
    AssignmentFormat.FISH: _in_fish,
    AssignmentFormat.POWERSHELL: _in_powershell,
    AssignmentFormat.DOTENV: _in_dotenv,
    AssignmentFormat.DOCKER: _in_docker,
}
