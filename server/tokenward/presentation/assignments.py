"""Assignments of variables as a shell, a file or a program reads them; pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from enum import StrEnum

from tokenward.errors import SettingsError
from tokenward.places import shown

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_LINE = 65_000
"""Bytes of a line that Docker reads."""
_POWERSHELL_QUOTES = re.compile("['\u2018\u2019\u201a\u201b]")
"""What PowerShell takes for a single quote."""


class Format(StrEnum):
    """Who reads the assignments."""

    SHELL = "shell"
    FISH = "fish"
    POWERSHELL = "powershell"
    DOTENV = "dotenv"
    JSON = "json"
    DOCKER = "docker"


def assignments(variables: Mapping[str, str], form: Format) -> str:
    """The text that assigns variables; nothing in a name or value means more than itself to who reads it.

    Raises:
        SettingsError: a name or a value cannot be written so; the text names which.
    """
    if form is Format.JSON:
        return json.dumps(variables, indent=2)
    return "\n".join(_line(name, value, _LINES[form]) for name, value in variables.items())


def _line(name: str, value: str, write: Callable[[str, str], str]) -> str:
    if not _NAME.fullmatch(name):
        raise SettingsError(
            f"{shown(name)} is no name that a shell can assign; rename it, or use `--format json`."
        )
    return write(name, value)


def _in_shell(name: str, value: str) -> str:
    quoted = value.replace("'", "'\\''")
    return f"export {name}='{quoted}'"


def _in_fish(name: str, value: str) -> str:
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"set -gx {name} '{quoted}'"


def _in_powershell(name: str, value: str) -> str:
    """On one line, since `Invoke-Expression` is given one at a time."""
    quoted = _POWERSHELL_QUOTES.sub(lambda found: found[0] * 2, value)
    for character in "\r\n":
        quoted = quoted.replace(character, f"'+[char]{ord(character)}+'")
    return f"$env:{name} = '{quoted}'"


def _in_dotenv(name: str, value: str) -> str:
    """As python-dotenv reads it, which expands `${…}` in every value."""
    if "${" in value:
        raise SettingsError(
            f"The value of {name} holds `${{`, which is expanded in a dotenv file; use `--format json`."
        )
    if "\r" in value:
        raise SettingsError(
            f"The value of {name} holds a carriage return, which a dotenv file loses; use `--format json`."
        )
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"{name}='{quoted}'"


def _in_docker(name: str, value: str) -> str:
    """As `docker run --env-file` reads it, which knows no quotes."""
    encoded = f"{name}={value}".encode("utf-8", "surrogateescape")
    if "\n" in value or "\r" in value:
        raise SettingsError(
            f"The value of {name} has several lines, which Docker's --env-file cannot hold; use "
            f"`tokenward run -- docker run -e {name} …`."
        )
    if len(encoded) > _LONGEST_LINE or encoded.decode("utf-8", "replace") != f"{name}={value}":
        raise SettingsError(
            f"The value of {name} is too long or no text, which Docker's --env-file cannot hold; use "
            f"`tokenward run -- docker run -e {name} …`."
        )
    return f"{name}={value}"


_LINES: dict[Format, Callable[[str, str], str]] = {
    Format.SHELL: _in_shell,
    Format.FISH: _in_fish,
    Format.POWERSHELL: _in_powershell,
    Format.DOTENV: _in_dotenv,
    Format.DOCKER: _in_docker,
}
