"""The recorded details of references, without using the vault, because a keyring may prompt."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tokenward.custody.bindings.belonging import FolderSnapshot, binding_state
from tokenward.custody.bindings.renames import last_use, own_names_of
from tokenward.errors import CustodyError
from tokenward.fast_dataclasses import dataclass
from tokenward.model import Reference
from tokenward.operations.access.lease_terms import NO_LIMIT, Terms, terms_of
from tokenward.operations.context import Context
from tokenward.operations.vault_choice import vault_config
from tokenward.places import Places

NO_FOLDER = "This document belongs to no single workspace, and a reference resolves only in its own."
MOST_CANDIDATES = 500


@dataclass(frozen=True, slots=True)
class StoredDetails:
    """The details of a reference, for the workspace that it is used in.

    Attributes:
        refusal: why it does not resolve, in a sentence; empty if nothing prevents it.
        file: the encrypted file that stores the value, if so.
        by_editor: the editor stores the value, not the keyring.
        since: when the value was stored, or None.
        provider: the token's provider; empty if unknown.
        used: when it was last resolved; None if never.
    """

    refusal: str = ""
    file: str = ""
    by_editor: bool = False
    since: datetime | None = None
    provider: str = ""
    used: datetime | None = None
    lease: Terms = NO_LIMIT


def stored_details(
    context: Context, places: Places, folder: Path | None, reference: Reference
) -> StoredDetails:
    """Return the details of a reference in a workspace; only the refusal if the workspace may not resolve it."""
    if folder is None:
        return StoredDetails(refusal=NO_FOLDER)
    try:
        context.bindings.check(reference, folder)
        entry = context.entries.get(reference)
        if entry is None:
            return StoredDetails()
        others = {one.reference for one in context.entries.in_workspace(reference.workspace)}
        used = last_use(context.ledger, own_names_of(context.ledger, reference, others))
        lease = terms_of(context, [reference])[reference]
    except CustodyError as error:
        return StoredDetails(refusal=str(error))
    config = vault_config(places, context.settings)
    return StoredDetails(
        file=str(config.file) if config.kind == "file" else "",
        by_editor=config.kind == "editor",
        since=entry.created,
        provider=entry.provider,
        used=used,
        lease=lease,
    )


def completion_candidates(context: Context, folder: Path) -> dict[Reference, StoredDetails]:
    """Return the details of the stored tokens that resolve in a folder, by name.

    Raises:
        StateDamaged: the records cannot be read.
    """
    here = FolderSnapshot.at(folder.resolve())
    workspaces = [binding.name for binding in context.bindings.all() if binding_state(binding, here).belongs]
    entries = [entry for name in workspaces for entry in context.entries.in_workspace(name)]
    names = {entry.reference for entry in entries}
    entries.sort(key=lambda entry: (entry.reference.name, entry.reference.workspace))
    known = {entry.reference: entry for entry in entries[:MOST_CANDIDATES]}
    terms, ledger = terms_of(context, known), context.ledger
    return {
        reference: StoredDetails(
            since=entry.created,
            provider=entry.provider,
            used=last_use(ledger, own_names_of(ledger, reference, names)),
            lease=terms[reference],
        )
        for reference, entry in known.items()
    }


def dangling(context: Context, folder: Path, references: Iterable[Reference]) -> set[Reference]:
    """Return those references that would resolve in a folder if their tokens were stored.

    Raises:
        StateDamaged: the records cannot be read.
    """
    return {
        one for one in set(references) if _belongs(context, folder, one) and context.entries.get(one) is None
    }


def _belongs(context: Context, folder: Path, reference: Reference) -> bool:
    """Return whether the folder has the reference's workspace name, or would get it with its first token."""
    try:
        context.bindings.check(reference, folder)
    except CustodyError:
        name = reference.workspace
        is_free = context.bindings.folder_of(name) is None and not context.entries.in_workspace(name)
        return is_free and name == context.workspace_of(folder)
    return True
