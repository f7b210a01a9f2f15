"""AI assistants that start a command, recognised by the `marks` of their rows: variables and names of programs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import cache
from itertools import islice
from typing import NamedTuple

from tokenward.catalog.rows import rows

# Here the value names the assistant.
_NAMING = ("AI_AGENT", "AGENT")
_INTERPRETER = re.compile(r"(?:node|nodejs|bun|deno|python[\d.]*|ruby[\d.]*)(?:\.exe)?", re.IGNORECASE)
_LONGEST_NAME = 40


def agent_of(variables: Mapping[str, str], program: str, arguments: Iterable[str]) -> str:
    """Return the assistant that a process is or was started by; empty if none is known.

    Its arguments start with its own name.
    """
    names = [program, *islice(arguments, 2)]
    # The first argument is the program's own name; the next is a program's too, but only after an interpreter's.
    if not any(_INTERPRETER.fullmatch(_base(name)) for name in names[:2]):
        del names[2:]
    for name in names:
        if agent := _marks().programs.get(_base(name).casefold().removesuffix(".exe")):
            return agent
    for name, (agent, values) in _marks().variables.items():
        if (value := variables.get(name, "")) and re.fullmatch(values, value.casefold(), re.DOTALL):
            return agent
    named = next((variables[name] for name in _NAMING if variables.get(name)), "")
    return "".join(one if one.isprintable() else "?" for one in named[:_LONGEST_NAME])


class _Marks(NamedTuple):
    """Names of agents by the names of their programs, and by variables with a pattern of their values."""

    programs: Mapping[str, str]
    variables: Mapping[str, tuple[str, str]]


@cache
def _marks() -> _Marks:
    """Return the marks of all agents: `variables` with any value, `flags`, `values` with patterns in small letters.

    The `shared` ones come last: people's terminals have them too.
    """
    programs: dict[str, str] = {}
    variables: dict[str, tuple[str, str]] = {}
    shared: dict[str, tuple[str, str]] = {}
    for row in rows("agents").values():
        agent, marks = row.get("ledger_name", row.get("name", "")), row.get("marks", {})
        programs |= dict.fromkeys(marks.get("programs", ()), agent)
        values = dict.fromkeys(marks.get("variables", ()), ".*")
        values |= dict.fromkeys(marks.get("flags", ()), "1|true") | marks.get("values", {})
        variables |= {name: (agent, pattern) for name, pattern in values.items()}
        # Mistaking a person for an assistant costs less than the reverse.
        shared |= dict.fromkeys(marks.get("shared", ()), (agent, ".*"))
    return _Marks(programs, variables | shared)


def is_alone(variables: Mapping[str, str]) -> bool:
    """Return whether an assistant says that nobody attends its session."""
    return variables.get("CLAUDE_CODE_SESSION_ATTENDED") == "0"


def _base(path: str) -> str:
    return path.replace("\\", "/").rpartition("/")[2]
