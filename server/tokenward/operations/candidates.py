"""The references that can be written in a workspace; no vault is asked, since a keyring may prompt."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.belonging import Folder, standing
from tokenward.custody.ledger import Event
from tokenward.model import Reference
from tokenward.operations.context import Context
from tokenward.operations.leased import terms_of
from tokenward.presentation.hover import Stored

MOST_CANDIDATES = 500


def candidates(context: Context, folder: Path) -> dict[Reference, Stored]:
    """The stored tokens that resolve in a folder, by name, with what the records say of each.

    Raises:
        StateDamaged: the records cannot be read.
    """
    seen = Folder.at(folder.resolve())
    names = [binding.name for binding in context.bindings.all() if standing(binding, seen).belongs]
    entries = [entry for name in names for entry in context.entries.in_workspace(name)]
    entries.sort(key=lambda entry: (entry.reference.name, entry.reference.workspace))
    known = {entry.reference: entry for entry in entries[:MOST_CANDIDATES]}
    terms = terms_of(context, known)
    return {
        reference: Stored(
            since=entry.created,
            provider=entry.provider,
            used=context.ledger.last(Event.RESOLVED, reference),
            lease=terms[reference],
        )
        for reference, entry in known.items()
    }
