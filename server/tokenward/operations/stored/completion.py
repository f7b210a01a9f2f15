"""The references that can be written in a workspace; no vault is asked, since a keyring may prompt."""

from __future__ import annotations

from pathlib import Path

from tokenward.custody.bindings.belonging import Folder, standing
from tokenward.custody.bindings.renames import last_use, own_names_of
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import terms_of
from tokenward.operations.context import Context
from tokenward.operations.stored.details import Stored

MOST_CANDIDATES = 500


def candidates(context: Context, folder: Path) -> dict[Reference, Stored]:
    """Return the stored tokens that resolve in a folder, by name, with what the records say of each.

    Raises:
        StateDamaged: the records cannot be read.
    """
    seen = Folder.at(folder.resolve())
    workspaces = [binding.name for binding in context.bindings.all() if standing(binding, seen).belongs]
    entries = [entry for name in workspaces for entry in context.entries.in_workspace(name)]
    names = {entry.reference for entry in entries}
    entries.sort(key=lambda entry: (entry.reference.name, entry.reference.workspace))
    known = {entry.reference: entry for entry in entries[:MOST_CANDIDATES]}
    terms, ledger = terms_of(context, known), context.ledger
    return {
        reference: Stored(
            since=entry.created,
            provider=entry.provider,
            used=last_use(ledger, own_names_of(ledger, reference, names)),
            lease=terms[reference],
        )
        for reference, entry in known.items()
    }
