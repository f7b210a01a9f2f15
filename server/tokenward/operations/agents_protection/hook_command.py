"""HookCommand: the constant command that agents run, as each of them writes it, and as it is read back."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tokenward.errors import TokenwardError
from tokenward.operations.programs import find_program
from tokenward.places import shown

_WORDS = ("agents", "hook")
_IN_SCRIPT = re.compile(r"^(?:exec (?P<shell>.+?)|const COMMAND = (?P<list>\[.+\]);)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class HookCommand:
    """A program with the arguments of one dialect; it never changes, because an agent may trust it by its text."""

    program: str
    dialect: str

    @property
    def words(self) -> list[str]:
        """Return the command as a list."""
        return [self.program, *_WORDS, self.dialect]

    @property
    def line(self) -> str:
        """Return the command as a line for the shell of this system."""
        return subprocess.list2cmdline(self.words) if sys.platform == "win32" else shlex.join(self.words)

    @property
    def powershell(self) -> str:
        """Return the command as a line for PowerShell."""
        program = self.program.replace("'", "''")
        return f"& '{program}' {' '.join(self.words[1:])}"

    @classmethod
    def of(cls, words: list[str]) -> HookCommand | None:
        """Return the command that some words are; None for somebody else's."""
        if len(words) == len(_WORDS) + 2 and tuple(words[1:3]) == _WORDS and _is_named_so(words[0]):
            return cls(words[0], words[3])
        return None


def this_program(workspace: Path) -> str:
    """Return the absolute path of the running `tokenward`, for hooks.

    Raises:
        TokenwardError: it is not known, or in the workspace, where an agent could replace it.
    """
    started = Path(sys.argv[0])
    found = str(started.absolute()) if _is_named_so(started.name) else find_program("tokenward")
    if not found or not Path(found).is_file():
        raise TokenwardError(
            "The program `tokenward` is not on your PATH; install it with pipx, for example."
        )
    real = Path(found).resolve()
    if workspace != Path.home() and (real.is_relative_to(workspace) or Path(found).is_relative_to(workspace)):
        raise TokenwardError(
            "{found} is in this workspace, where an agent may change it; install Tokenward elsewhere, "
            "for example with pipx.",
            found=shown(found),
        )
    return found


def commands_in(value: object) -> Iterator[tuple[HookCommand, Mapping[str, object]]]:
    """Yield our commands in an entry of a settings file, each with the fields beside it."""
    if isinstance(value, str):
        for found in _IN_SCRIPT.finditer(value):
            words = json.loads(found["list"]) if found["list"] else _split(found["shell"])
            if command := HookCommand.of(words):
                yield command, {}
    elif isinstance(value, list):
        for item in value:
            yield from commands_in(item)
    elif isinstance(value, dict):
        command = HookCommand.of(_words(value))
        if command:
            yield command, value
        for item in value.values():
            if isinstance(item, dict | list):
                yield from commands_in(item)


def _words(handler: Mapping[str, object]) -> list[str]:
    line = next((handler[key] for key in ("bash", "command", "exec") if key in handler), None)
    arguments = handler.get("args")
    if isinstance(line, str) and isinstance(arguments, list):
        return [line, *map(str, arguments)]
    return _split(line) if isinstance(line, str) else []


def _split(line: str) -> list[str]:
    try:
        words = shlex.split(line, posix=sys.platform != "win32")
    except ValueError:
        return []
    return [word.strip('"') for word in words] if sys.platform == "win32" else words


def _is_named_so(program: str) -> bool:
    name = program.replace("\\", "/").rpartition("/")[2]
    return name.casefold().removesuffix(".exe") == "tokenward"
