"""A program's environment: what it inherits, the assignments of dotenv files over it, all references resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tokenward.errors import SettingsError
from tokenward.model import Secret, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.access.resolve import resolve_all
from tokenward.operations.context import Context
from tokenward.operations.run.expansion import Variable, atoms
from tokenward.operations.run.placeholders import ReferenceMarks
from tokenward.operations.use import Use
from tokenward.places import shown
from tokenward.rewriting.env_file import parse_env
from tokenward.sources.editable_file import read_any_text
from tokenward.token_prefixes import looks_like_token

LARGEST_ENVIRONMENT = 10_000_000
"""Characters of a file's expanded values; no system gives a program as many."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which variables are asked for.

    Attributes:
        files: where they are assigned; of several that assign one the last counts.
        only: the names of those that are given; None for all.
    """

    files: Sequence[Path]
    only: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables with their values.

    Attributes:
        variables: all of them.
        secrets: what their references stood for.
    """

    variables: dict[str, str] = field(repr=False)
    secrets: tuple[Secret, ...]


def environment_for(
    context: Context, folder: Path, wanted: Wanted, base: Mapping[str, str], use: Use
) -> Environment:
    """Return the environment of a program: the base, the files' assignments over it, all references resolved.

    When only some variables are wanted, it has no other one that a file assigns or whose inherited value holds a
    reference; those of no file are inherited as ever.

    Raises:
        TokenwardError: a file cannot be read, a reference not be resolved, or nothing assigns what is wanted; the
            text names which.
    """
    marks = ReferenceMarks()
    environment = _read(wanted.files, base, marks.mark)
    given = _chosen(environment.assigned, wanted)
    # What a file assigns and was left out is not inherited either.
    inherited = {
        name: environment[name]
        for name in base.keys() - environment.assigned.keys()
        if wanted.only is None or not any(references_in(base[name]))
    }
    return _resolved(context, folder, {**inherited, **given}, marks, use)


def assignments_for(
    context: Context, folder: Path, wanted: Wanted, base: Mapping[str, str], use: Use
) -> Environment:
    """Return the assignments of files alone, all references resolved; the base is what their `${…}` may name.

    Raises:
        TokenwardError: as `environment_for` says.
    """
    marks = ReferenceMarks()
    assigned = _read(wanted.files, base, marks.mark).assigned
    return _resolved(context, folder, _chosen(assigned, wanted), marks, use)


def _chosen(assigned: Mapping[str, str], wanted: Wanted) -> dict[str, str]:
    if wanted.only is None:
        return dict(assigned)
    for name in sorted(wanted.only - assigned.keys()):
        files = " or ".join(shown(path.name) for path in wanted.files)
        told = "A variable" if looks_like_token(name) else shown(name)
        raise SettingsError(f"{told} is not assigned in {files}; see to its spelling.")
    return {name: value for name, value in assigned.items() if name in wanted.only}


def _resolved(
    context: Context, folder: Path, variables: Mapping[str, str], marks: ReferenceMarks, use: Use
) -> Environment:
    """Return the variables with their marks filled; what none of them refers to is neither asked for nor recorded."""
    needed = dict.fromkeys(
        reference for value in variables.values() for reference in marks.references_of(value)
    )
    values = resolve_all(context, folder, needed, use)
    filled = {name: marks.filled(value, values) for name, value in variables.items()}
    require_size(sum(map(len, filled.values())), "The environment")
    return Environment(filled, tuple(values.values()))


def _read(env_files: Iterable[Path], base: Mapping[str, str], fill: Callable[[str], str]) -> _Assignments:
    environment = _Assignments(base, fill)
    for env_file in env_files:
        environment.assigned.update(read_env_file(env_file, environment, environment.fill))
    return environment


def read_env_file(path: Path, base: Mapping[str, str], fill: Callable[[str], str] = str) -> dict[str, str]:
    """Return a dotenv file's assignments, with `${…}` expanded in every value; a missing file has none.

    Args:
        path: the file.
        base: what a `${…}` may name besides the assignments before it.
        fill: replaces references, before the text becomes part of another that could blur their borders.

    Raises:
        SettingsError: the expansions grow beyond what a program can be given, or a value looks like a reference
            and is none.
        EditRefused: the file cannot be read.
    """
    text = read_any_text(path) or ""
    if len(text) > LARGEST_ENVIRONMENT:
        raise SettingsError(
            f"{shown(path.name)} has more than {LARGEST_ENVIRONMENT:,} characters; shorten it."
        )
    values: dict[str, str] = {}
    size = 0
    for assignment in parse_env(text):
        parts = list(atoms(assignment.value))
        require_plain_references(parts, f"{shown(assignment.key)} in {shown(path.name)}")
        pieces = [_expanded(part, values, base, fill) for part in parts]
        # Each line may double the one before it.
        size += sum(map(len, pieces))
        require_size(size, shown(path.name))
        values[assignment.key] = "".join(pieces)
    return values


@dataclass(frozen=True)
class _Assignments(Mapping[str, str]):
    """What is inherited, filled when it is asked for, and over it what was assigned, which is filled already."""

    inherited: Mapping[str, str]
    fill: Callable[[str], str]
    assigned: dict[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> str:
        return self.assigned[key] if key in self.assigned else self.fill(self.inherited[key])

    def __iter__(self) -> Iterator[str]:
        return iter({**self.inherited, **self.assigned})

    def __len__(self) -> int:
        return len(self.inherited.keys() | self.assigned.keys())


def _expanded(
    part: str | Variable,
    values: Mapping[str, str],
    base: Mapping[str, str],
    fill: Callable[[str], str],
) -> str:
    if isinstance(part, str):
        return fill(part)
    if part.name in values:
        return values[part.name]
    found = base.get(part.name)
    return fill(part.default) if found is None else found


def require_size(characters: int, what: str) -> None:
    if characters > LARGEST_ENVIRONMENT:
        raise SettingsError(f"{what} expands to more than {LARGEST_ENVIRONMENT:,} characters; shorten it.")


def require_plain_references(parts: Iterable[str | Variable], where: str) -> None:
    """Return only if all that looks like a reference is one: a program must not get its text for a token."""
    for part in parts:
        text = part if isinstance(part, str) else part.default
        if text.count(f"{REFERENCE_SCHEME}://") > sum(1 for _ in references_in(text)):
            raise SettingsError(
                f"{where} holds what looks like a reference and is none; write {REFERENCE_SCHEME}://workspace/NAME, "
                "and no letter, digit, `_`, `-` or `/` next to it."
            )
