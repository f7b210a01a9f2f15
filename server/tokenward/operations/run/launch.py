"""The variables and arguments of a program that an editor starts, with their references resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.model import Reference
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.context import Context
from tokenward.operations.run.environment import (
    ReferenceMarks,
    read_env_file,
    require_plain_references,
    require_size,
)
from tokenward.operations.use import Use
from tokenward.places import shown


@dataclass(frozen=True, slots=True)
class Start:
    """A program to start.

    Attributes:
        env: its variables, which override those of the files.
        files: dotenv files with more variables, of which the last counts.
        program: the path or the name of the program; None if unknown.
    """

    env: Mapping[str, str] = field(repr=False)
    files: tuple[Path, ...]
    args: tuple[str, ...] = field(repr=False)
    program: str | None


@dataclass(frozen=True, slots=True)
class MarkedStart:
    """A start whose files have been read, with marks instead of references."""

    variables: Mapping[str, str] = field(repr=False)
    args: tuple[str, ...] = field(repr=False)
    marks: ReferenceMarks

    @property
    def references(self) -> tuple[Reference, ...]:
        """Return the references that it needs, each once; overridden assignments need none."""
        texts = (*self.variables.values(), *self.args)
        return tuple(dict.fromkeys(one for text in texts for one in self.marks.references_of(text)))


@dataclass(frozen=True, slots=True)
class Launch:
    """The variables and arguments of a program, with values."""

    env: Mapping[str, str] = field(repr=False)
    args: tuple[str, ...] = field(repr=False)


def read_start(start: Start, base: Mapping[str, str]) -> MarkedStart:
    """Read the files of a start; their `${…}` may name variables of the base.

    Raises:
        TokenwardError: a file cannot be read, or something looks like a reference but is not one.
    """
    marks = ReferenceMarks()
    known = {name: marks.mark(value) for name, value in base.items()}
    variables: dict[str, str] = {}
    for file in start.files:
        assigned = read_env_file(file, known, marks.mark)
        known.update(assigned)
        variables.update(assigned)
    for name, text in start.env.items():
        require_plain_references([text], shown(name))
        variables[name] = marks.mark(text)
    require_plain_references(start.args, "An argument")
    return MarkedStart(variables, tuple(map(marks.mark, start.args)), marks)


def resolve_start(context: Context, folder: Path, marked: MarkedStart, use: Use) -> Launch:
    """Return the variables and arguments with all their references resolved.

    Raises:
        TokenwardError: one cannot be resolved, its lease does not allow this, or no program can receive the value.
    """
    values = resolve_all(context, folder, marked.references, use)
    variables = {name: marked.marks.filled(text, values) for name, text in marked.variables.items()}
    args = tuple(marked.marks.filled(text, values) for text in marked.args)
    require_size(sum(map(len, (*variables.values(), *args))), "The program's environment")
    texts = [(f"The value of {shown(name)}", text) for name, text in variables.items()]
    for label, text in (*texts, *(("An argument", text) for text in args)):
        # The function that starts programs may show the whole text in its error.
        if "\0" in text:
            raise SettingsError(
                f"{label} contains a NUL, which no program can receive; store the token again."
            )
    return Launch(variables, args)
