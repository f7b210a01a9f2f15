"""Chooses which variables of the packages below a folder a program that starts there gets, as in a monorepo."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tokenward.custody.bindings.renames import left_by_moves
from tokenward.errors import WorkspaceElsewhere, WorkspaceUnbound
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.environment_files.nested_packages import names_set_by_other_code
from tokenward.operations.run.expansion import ReferenceMarks
from tokenward.rewriting.variables import is_dangerous


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
