"""A program's environment: what it inherits, overridden by dotenv files, with all references resolved.

A program that starts above several packages, as in a monorepo, gets each variable to which they assign one value.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import field, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from tokenward.custody.bindings.renames import left_by_moves
from tokenward.errors import EditRefused, SettingsError, WorkspaceElsewhere, WorkspaceUnbound
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference, Secret, references_in
from tokenward.names import REFERENCE_SCHEME
from tokenward.operations.access.resolve import NOWHERE, Elsewhere, resolve_all
from tokenward.operations.context import Context
from tokenward.operations.environment_files.nested_packages import names_set_by_other_code
from tokenward.operations.use import Use
from tokenward.places import shown
from tokenward.rewriting.env_file import parse_env
from tokenward.rewriting.variables import is_dangerous
from tokenward.sources.editable_file import read_any_text
from tokenward.token_prefixes import looks_like_token

if TYPE_CHECKING:
    from tokenward.operations.environment_files.find_files import EnvironmentFiles

_STOP = re.compile(r"[:}]")
LARGEST_ENVIRONMENT = 10_000_000
"""The most characters of a file's expanded values; no system gives a program more."""
_MAIN = ".env"


@dataclass(frozen=True, slots=True)
class Variable:
    """A `${NAME}`; the default is empty if none is given."""

    name: str
    default: str


def atoms(text: str) -> Iterator[str | Variable]:
    """Yield the variables of a value, and the texts between them, as python-dotenv finds them.

    python-dotenv's own pattern takes quadratic time on a hostile value.
    """
    done = place = 0
    stop = -1
    while (place := text.find("${", place)) >= 0:
        if stop < place + 2:
            found = _STOP.search(text, place + 2)
            stop = found.start() if found else len(text)
        end = text.find("}", stop) if text.startswith((":-", "}"), stop) else stop
        if end < 0 or stop == len(text):
            break
        if text[end] != "}":
            place += 2
            continue
        yield text[done:place]
        yield Variable(text[place + 2 : stop], text[stop + 2 : end])
        done = place = end + 1
    yield text[done:]


class ReferenceMarks:
    """Replaces references with marks while a text is assembled, and then marks with values.

    Thus no neighbouring text blurs a reference. No file can contain a mark, because none was ever written.
    """

    def __init__(self) -> None:
        self._nonce = os.urandom(8).hex()
        self._mark = re.compile(f"\0{self._nonce}:([0-9]+)\0")
        self._references: list[Reference] = []
        self._numbers: dict[Reference, int] = {}

    def mark(self, text: str) -> str:
        """Return a text with a mark instead of each reference."""
        pieces: list[str] = []
        end = 0
        for span, reference in references_in(text):
            number = self._numbers.setdefault(reference, len(self._references))
            if number == len(self._references):
                self._references.append(reference)
            pieces += [text[end : span.start], f"\0{self._nonce}:{number}\0"]
            end = span.end
        return "".join([*pieces, text[end:]])

    def references_of(self, text: str) -> Iterator[Reference]:
        """Yield the references behind the marks in a text."""
        return (self._references[int(found[1])] for found in self._mark.finditer(text))

    def filled(self, text: str, values: Mapping[Reference, Secret]) -> str:
        """Return a text with the values instead of the marks."""
        return self._mark.sub(lambda found: values[self._references[int(found[1])]].reveal(), text)


class VariablesBelow(NamedTuple):
    """The variables with references that packages assign.

    Attributes:
        values: those that the program gets.
        undecided: those that it does not get, because they have several values, a limited lease or a value of other
            code, and the folders whose programs do.
        unmoved: those that it does not get, because no move left the reference in their file, which is named.
    """

    values: Mapping[str, str]
    undecided: Mapping[str, Sequence[Path]]
    unmoved: Mapping[str, Path]

    @property
    def withheld(self) -> frozenset[str]:
        """Return the names of those that it does not get."""
        return frozenset([*self.undecided, *self.unmoved])


def variables_below(
    context: Context, folder: Path, values: Mapping[str, Mapping[str, Path]], marks: ReferenceMarks
) -> VariablesBelow:
    """Choose among the values of each variable, which are given with the files of the packages that assign them.

    What was unpacked below could send a token to an address beside it, or name a variable that gives it away, such as a
    host's; so only moves put one there.
    """
    known = {
        name: several
        for name, several in values.items()
        if not is_dangerous(name)
        and any(_is_stored(context, folder, marks.references_of(value)) for value in several)
    }
    # Each program must read the same as in its own folder, and a lease may be for one program.
    owners = {
        name: next(iter(several.values())).parent
        for name, several in known.items()
        if len(several) == 1
        and not any(
            lease.is_limited
            for reference in marks.references_of(*several)
            if (lease := context.leases.get(reference))
        )
    }
    settled = owners.keys() - (names_set_by_other_code(folder, owners) if owners else set())
    chosen = {name: next(iter(several.items())) for name, several in known.items() if name in settled}
    left = {path: left_by_moves(context.ledger, path) for path in {path for _, path in chosen.values()}}
    unmoved = {
        name: path
        for name, (value, path) in chosen.items()
        if not left[path].issuperset(marks.references_of(value))
    }
    return VariablesBelow(
        {name: value for name, (value, _) in chosen.items() if name not in unmoved},
        {
            name: [*dict.fromkeys(path.parent for path in several.values())]
            for name, several in known.items()
            if name not in settled
        },
        unmoved,
    )


def _is_stored(context: Context, folder: Path, references: Iterable[Reference]) -> bool:
    """Return whether there are references, all of stored tokens that belong to a folder."""
    found = [*references]
    with suppress(WorkspaceElsewhere, WorkspaceUnbound):
        for reference in found:
            context.bindings.check(reference, folder)
        return bool(found) and all(context.entries.get(reference) for reference in found)
    return False


@dataclass(frozen=True, slots=True)
class EnvironmentRequest:
    """The variables that a program gets.

    Attributes:
        files: the files that assign them; a reference in those below counts for a variable that nothing else sets.
        only: the names of the variables; None for all.
        elsewhere: references of other files, which are resolved with those of the environment.
        leaves_out: inherited variables are left out if their references belong to another folder.
    """

    files: EnvironmentFiles
    only: frozenset[str] | None = None
    elsewhere: Elsewhere = field(default_factory=dict)
    leaves_out: bool = False


@dataclass(frozen=True, slots=True)
class Environment:
    """Variables with their values.

    Attributes:
        values: the values of their references, and of others that were resolved with them.
        left_out: the names of inherited variables that are not among them, because they belong to another folder.
        below: what packages below give and do not give.
    """

    variables: dict[str, str] = field(repr=False)
    values: Mapping[Reference, Secret]
    left_out: tuple[str, ...] = ()
    below: VariablesBelow = VariablesBelow({}, {}, {})

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Return the values."""
        return tuple(self.values.values())


def environment_for(
    context: Context,
    folder: Path,
    request: EnvironmentRequest,
    base: Mapping[str, str],
    use: Use,
) -> Environment:
    """Return the environment of a program: the base, the files' assignments over it, all references resolved.

    A request for some variables excludes all others that a file assigns or whose inherited value holds a reference.
    If the program reads the files itself, it sees the same values: inherited variables win, and of the values without a
    reference, only those of `.env` that no other file could change are set.

    Raises:
        TokenwardError: a file cannot be read, a reference cannot be resolved, or a requested variable is not assigned;
            the text names which.
    """
    marks = ReferenceMarks()
    environment = _read(request, base, marks)
    values_below = _values_below(request, environment)
    below = variables_below(context, request.files.below_main or folder, values_below, marks)
    environment.assigned.update(below.values)
    if request.only is not None:
        request = replace(request, only=request.only - below.withheld)
    given = _chosen(environment, request, marks)
    # A variable that a file assigns is not inherited if it is left out.
    names = [
        name
        for name in sorted(base.keys() - environment.assigned.keys())
        if request.only is None or not any(references_in(base[name]))
    ]
    # A terminal may export the variables of an editor's or a shell's settings in each folder.
    left_out = [name for name in names if request.leaves_out and _is_foreign(context, folder, base[name])]
    inherited = {name: environment[name] for name in names if name not in left_out}
    resolved = _resolved(context, folder, {**inherited, **given}, marks, use, elsewhere=request.elsewhere)
    return replace(resolved, left_out=tuple(left_out), below=below)


def _values_below(request: EnvironmentRequest, environment: _Assignments) -> dict[str, dict[str, Path]]:
    """Return the values that packages assign to variables that nothing else sets, each with its file."""
    values: dict[str, dict[str, Path]] = {}
    for package in request.files.below:
        with suppress(SettingsError, EditRefused):
            assigned = {
                path: read_env_file(path, environment, environment.fill)
                for path in (*package.read, *package.overriding)
            }
            last = {name: path for path in package.read for name in assigned[path]}
            for path, found in assigned.items():
                for name, value in found.items():
                    is_wanted = name not in environment and (request.only is None or name in request.only)
                    if is_wanted and (path not in package.read or last[name] == path):
                        values.setdefault(name, {}).setdefault(value, path)
    return values


def _is_foreign(context: Context, folder: Path, value: str) -> bool:
    """Return whether a value has a reference that belongs to another folder."""
    with suppress(WorkspaceUnbound):
        try:
            for _, reference in references_in(value):
                context.bindings.check(reference, folder)
        except WorkspaceElsewhere:
            return True
    return False


def assignments_for(
    context: Context, folder: Path, request: EnvironmentRequest, base: Mapping[str, str], use: Use
) -> Environment:
    """Return only the assignments of files, with all references resolved; their `${…}` may name base variables.

    Raises:
        TokenwardError: as for `environment_for`.
    """
    marks = ReferenceMarks()
    environment = _read(request, base, marks)
    return _resolved(context, folder, _chosen(environment, request, marks), marks, use)


def _chosen(environment: _Assignments, request: EnvironmentRequest, marks: ReferenceMarks) -> dict[str, str]:
    assigned, settled = environment.assigned, environment.settled
    if request.only is None:
        return {
            name: value
            for name, value in assigned.items()
            if settled is None
            or name in environment.inherited
            or any(marks.references_of(value))
            # A `$` that is still there may mean something to the program's own parser.
            or (name in settled and "$" not in value)
        }
    for name in sorted(request.only - assigned.keys()):
        files = " or ".join(shown(path.name) for path in request.files.read)
        label = "A variable" if looks_like_token(name) else shown(name)
        raise SettingsError(f"{label} is not assigned in {files}; check its spelling.")
    return {name: value for name, value in assigned.items() if name in request.only}


def _resolved(
    context: Context,
    folder: Path,
    variables: Mapping[str, str],
    marks: ReferenceMarks,
    use: Use,
    *,
    elsewhere: Elsewhere = NOWHERE,
) -> Environment:
    """Return the variables with their marks filled; references that none of them needs are not resolved."""
    needed = dict.fromkeys(one for value in variables.values() for one in marks.references_of(value))
    values = resolve_all(context, folder, needed, use, elsewhere)
    filled = {name: marks.filled(value, values) for name, value in variables.items()}
    require_size(sum(map(len, filled.values())), "The environment")
    return Environment(filled, values)


def _read(request: EnvironmentRequest, base: Mapping[str, str], marks: ReferenceMarks) -> _Assignments:
    environment = _Assignments(base, marks.mark)
    files = request.files
    program_reads = files.framework.reads_files
    kept = {name: marks.mark(value) for name, value in base.items()} if program_reads else {}
    settled: set[str] = set()
    plain: dict[str, str] = {}
    for env_file in files.read:
        known = {**environment, **plain} if plain else environment
        assigned = read_env_file(env_file, known, environment.fill, kept)
        if env_file in files.shared:
            plain |= assigned
            assigned = {name: value for name, value in assigned.items() if any(marks.references_of(value))}
        environment.assigned.update(assigned)
        settled |= assigned.keys() if env_file.name == _MAIN else set()
    if program_reads:
        others = [read_env_file(file, environment) for file in files.overriding]
        environment.settled = settled.difference(*others)
    return environment


def read_env_file(
    path: Path,
    base: Mapping[str, str],
    fill: Callable[[str], str] = str,
    kept: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Return a dotenv file's assignments, with `${…}` expanded in every value; a missing file has none.

    Args:
        path: the file.
        base: the variables that a `${…}` may name besides the assignments before it.
        fill: replaces references, before the text becomes part of another that could blur their borders.
        kept: variables that keep their values, whatever the file assigns.

    Raises:
        SettingsError: the expansions grow beyond what a program can receive, or a value looks like a reference
        but is not one.
        EditRefused: the file cannot be read.
    """
    text = read_any_text(path)
    if len(text) > LARGEST_ENVIRONMENT:
        raise SettingsError(
            f"{shown(path.name)} has more than {LARGEST_ENVIRONMENT:,} characters; shorten it."
        )
    values: dict[str, str] = {}
    size = 0
    for assignment in parse_env(text):
        parts = list(atoms(assignment.value))
        require_plain_references(parts, f"{shown(assignment.key)} in {shown(path.name)}")
        pieces = []
        for part in parts:
            if isinstance(part, str):
                pieces.append(fill(part))
            elif part.name in values:
                pieces.append(values[part.name])
            else:
                found = base.get(part.name)
                pieces.append(fill(part.default) if found is None else found)
        # Each line may double the one before it.
        size += sum(map(len, pieces))
        require_size(size, shown(path.name))
        values[assignment.key] = kept.get(assignment.key, "".join(pieces))
    return values


@dataclass
class _Assignments(Mapping[str, str]):
    """Inherited variables, filled when they are read, overridden by assigned ones, which are already filled.

    Attributes:
        settled: the names whose plain values are the same for a program that reads the files itself; None for all.
    """

    inherited: Mapping[str, str]
    fill: Callable[[str], str]
    assigned: dict[str, str] = field(default_factory=dict)
    settled: set[str] | None = None

    def __getitem__(self, key: str) -> str:
        return self.assigned[key] if key in self.assigned else self.fill(self.inherited[key])

    def __iter__(self) -> Iterator[str]:
        return iter({**self.inherited, **self.assigned})

    def __len__(self) -> int:
        return len(self.inherited.keys() | self.assigned.keys())


def require_size(characters: int, what: str) -> None:
    """Raise if expanded values are too large."""
    if characters > LARGEST_ENVIRONMENT:
        raise SettingsError(f"{what} expands to more than {LARGEST_ENVIRONMENT:,} characters; shorten it.")


def require_plain_references(parts: Iterable[str | Variable], where: str) -> None:
    """Raise if something only looks like a reference, because a program must not get its text as a token."""
    for part in parts:
        text = part if isinstance(part, str) else part.default
        if text.count(f"{REFERENCE_SCHEME}://") > sum(1 for _ in references_in(text)):
            raise SettingsError(
                f"{where} contains something that looks like a reference but is not one; "
                f"write {REFERENCE_SCHEME}://workspace/NAME, and no letter, digit, `_`, `-` or `/` next to it."
            )
