"""What a program that an editor starts is given, with its references resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.model import Reference
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.context import Context
from tokenward.operations.run.environment import read_env_file, require_plain_references, require_size
from tokenward.operations.run.placeholders import ReferenceMarks
from tokenward.operations.use import Use
from tokenward.places import shown


@dataclass(frozen=True, slots=True)
class Start:
    """A program that is about to be started.

    Attributes:
        env: variables that it is given, over those of the files.
        files: dotenv files with more variables, of which the last counts.
        args: its arguments.
        program: the path or the name of the program; None when that is not known.
    """

    env: Mapping[str, str] = field(repr=False)
    files: tuple[Path, ...]
    args: tuple[str, ...] = field(repr=False)
    program: str | None


@dataclass(frozen=True, slots=True)
class Marked:
    """A start whose files are read, with marks in place of its references."""

    variables: Mapping[str, str] = field(repr=False)
    args: tuple[str, ...] = field(repr=False)
    marks: ReferenceMarks

    @property
    def references(self) -> tuple[Reference, ...]:
        """What it needs, each once; what is assigned and then replaced is not needed."""
        texts = (*self.variables.values(), *self.args)
        return tuple(dict.fromkeys(one for text in texts for one in self.marks.references_of(text)))


@dataclass(frozen=True, slots=True)
class Launch:
    """What a program is started with; holds values."""

    env: Mapping[str, str] = field(repr=False)
    args: tuple[str, ...] = field(repr=False)


def read_start(start: Start, base: Mapping[str, str]) -> Marked:
    """Read the files of a start; the base is what their `${…}` may name.

    Raises:
        TokenwardError: a file cannot be read, or something looks like a reference and is none.
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
    return Marked(variables, tuple(map(marks.mark, start.args)), marks)


def resolve_start(context: Context, folder: Path, marked: Marked, use: Use) -> Launch:
    """Return the variables and arguments with all their references resolved, or none.

    Raises:
        TokenwardError: one cannot be resolved, its lease does not allow this, or no program can be given the value.
    """
    values = resolve_all(context, folder, marked.references, use)
    variables = {name: marked.marks.filled(text, values) for name, text in marked.variables.items()}
    args = tuple(marked.marks.filled(text, values) for text in marked.args)
    require_size(sum(map(len, (*variables.values(), *args))), "What the program is given")
    for name, text in variables.items():
        _require_no_nul(text, f"The value of {shown(name)}")
    for text in args:
        _require_no_nul(text, "An argument")
    return Launch(variables, args)


def _require_no_nul(text: str, what: str) -> None:
    # What starts programs may show the whole text when it complains.
    if "\0" in text:
        raise SettingsError(f"{what} holds a NUL, which no program can be given; store the token again.")
